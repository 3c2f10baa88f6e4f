import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { type Digest, type Outcome, outcomeWithoutEvent, type RegistryEvent } from '@pratique/contracts';
import type { RegistryEventPublisher } from '@pratique/messaging';
import type { RegistryConnection, RegistryConnections } from '@pratique/registry-access';
import type { SigningIdentity } from './attestation/open-signer.js';
import type { ScannerIdentity } from './checks/scanner-identity.js';
import { openQuarantine } from './quarantine/open-quarantine.js';
import type { QuarantineSection } from './quarantine/quarantine.settings.js';
import { type QuarantineFinding, reconcileQuarantine } from './quarantine/reconcile-quarantine.js';
import type { StagingSection } from './quarantine/staging.settings.js';
import { listDueImages } from './rescan/list-due-images.js';
import type { RescanRule } from './rescan/rescan-rule.js';
import { ScheduledDuty } from './rescan/scheduled-duty.js';
import { outcomeOfBypass } from './scan-outcome.js';

export interface ScanDutiesOptions {
  connections: RegistryConnections;
  staging: StagingSection;
  quarantine: QuarantineSection;
  rescan: readonly RescanRule[];
  identity: SigningIdentity | undefined;
  events: Pick<RegistryEventPublisher, 'publish'>;
  outcomes: { publish(outcome: Outcome): Promise<void> };
}

const minuteMs = 60_000;

/** What scan does without being told: it looks after the quarantine, and has images scanned again when they are due. */
export class ScanDuties implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(ScanDuties.name);
  readonly #duties: ScheduledDuty[];
  /** Per registry: what was found to be ours, and what waited when it was last looked at. */
  readonly #explained = new Map<string, Set<Digest>>();
  #waiting = new Set<string>();
  /** Of each scanner, the newest that was heard of. */
  readonly #databases = new Map<string, string>();
  readonly #stopping = new AbortController();
  #heard: Promise<readonly PromiseSettledResult<unknown>[]> = Promise.resolve([]);

  constructor(private readonly options: ScanDutiesOptions) {
    const { quarantine, rescan } = options;
    const everyMs = quarantine.everyMinutes * minuteMs;
    const reconcile = { name: 'reconcile', everyMs, run: this.reconcile.bind(this) };
    this.#duties = [
      ...(quarantine.reconcile === 'on' ? [reconcile] : []),
      ...rescan.map((rule) => ({
        ...{ name: 'rescan', everyMs: rule.every },
        run: (interval: number, signal: AbortSignal) => this.rescan(rule, interval, signal),
      })),
    ].map((duty) => new ScheduledDuty(duty));
  }

  onApplicationBootstrap(): void {
    for (const duty of this.#duties) duty.start();
  }

  // While publishers and registries are still there.
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort(new Error('shutting down'));
    await Promise.all([this.#heard, ...this.#duties.map((duty) => duty.stop())]);
  }

  /** @throws AggregateError when a registry could not be looked at; the others were */
  async reconcile(interval: number, signal: AbortSignal): Promise<void> {
    const waiting = new Set<string>();
    const failures: unknown[] = [];
    for (const connection of this.options.connections.values()) {
      try {
        await this.#reconcileRegistry(connection, { interval, signal, waiting });
      } catch (error) {
        signal.throwIfAborted();
        failures.push(error);
      }
    }
    this.#waiting = waiting;
    if (failures.length > 0) throw new AggregateError(failures, 'Not every quarantine could be looked at.');
  }

  async rescan(rule: RescanRule, interval: number, signal: AbortSignal): Promise<void> {
    const at = new Date(interval * rule.every);
    await this.#scanAll(rule, { reason: `rescan-${rule.every}-${interval}`, at, signal });
  }

  /**
   * Hears whose word a verdict was. A database that is newer than the one that was last heard of has the images of every rule
   * that asks for it scanned again: what it knows now may be about them. What changes while no worker runs is left to the
   * schedule.
   *
   * @returns when the events are published; nobody has to wait for it
   */
  async hearScanner({ name, database }: Pick<ScannerIdentity, 'name' | 'database'>): Promise<void> {
    const updatedAt = database?.updatedAt;
    if (updatedAt === undefined) return;
    const before = this.#databases.get(name);
    if (before !== undefined && Date.parse(before) >= Date.parse(updatedAt)) return;
    this.#databases.set(name, updatedAt);
    if (before === undefined) return;
    const { signal } = this.#stopping;
    const due = {
      reason: `rescan-database-${name}-${updatedAt}`.slice(0, 255),
      at: new Date(updatedAt),
      signal,
    };
    const rules = this.options.rescan.filter(({ whenDatabaseChanges }) => whenDatabaseChanges);
    this.#heard = Promise.allSettled([this.#heard, ...rules.map((rule) => this.#scanAll(rule, due))]);
    for (const ended of await this.#heard) {
      if (ended.status === 'rejected' && !signal.aborted) {
        this.#logger.error({
          msg: 'Images are not scanned again for a new database',
          scanner: name,
          err: ended.reason as unknown,
        });
      }
    }
  }

  async #scanAll(
    rule: RescanRule,
    { reason, at, signal }: { reason: string; at: Date; signal: AbortSignal },
  ): Promise<void> {
    const connection = this.options.connections.get(rule.registry);
    if (connection === undefined) return;
    const quarantine = openQuarantine(connection, this.options.staging);
    let count = 0;
    for await (const event of listDueImages({ connection, quarantine, rule, reason, at, signal })) {
      await this.#scan(event);
      count += 1;
    }
    this.#logger.log({ msg: 'Images are due to be scanned again', registry: rule.registry, count });
  }

  async #reconcileRegistry(
    connection: RegistryConnection,
    { interval, signal, waiting }: { interval: number; signal: AbortSignal; waiting: Set<string> },
  ): Promise<void> {
    const quarantine = openQuarantine(connection, this.options.staging);
    if (quarantine === undefined) return;
    const { identity } = this.options;
    const { name } = connection.settings;
    const explained = this.#explained.get(name) ?? new Set<Digest>();
    this.#explained.set(name, explained);
    const run = { reason: `reconcile-${interval}`, at: new Date(), signal };
    const findings = reconcileQuarantine({ connection, quarantine, identity, explained, ...run });
    for await (const finding of findings) await this.#follow(finding, waiting);
  }

  /** What waits for the first time may have its event on the way; it is helped when it waits the second time. */
  async #follow(finding: QuarantineFinding, waiting: Set<string>): Promise<void> {
    const { registry, repository, digest = '' } = finding.image;
    if (finding.found === 'bypassed') {
      const { kind, data } = outcomeOfBypass(finding.image, finding.why);
      const at = new Date();
      const identity: [string, ...string[]] = [registry, repository, digest];
      await this.options.outcomes.publish(outcomeWithoutEvent(kind, identity, { service: 'scan', at, data }));
      return;
    }
    const place = `${registry}/${repository}@${digest}`;
    waiting.add(place);
    if (this.#waiting.has(place)) await this.#scan(finding.event);
  }

  /** Only scan is to have it: for everybody else nothing has happened. */
  async #scan(event: RegistryEvent): Promise<void> {
    await this.options.events.publish(event, { only: 'scan' });
  }
}
