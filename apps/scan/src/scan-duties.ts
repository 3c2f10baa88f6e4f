import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { type Digest, type Outcome, outcomeWithoutEvent, type RegistryEvent } from '@pratique/contracts';
import type { RegistryEventPublisher } from '@pratique/messaging';
import type { RegistryConnection, RegistryConnections } from '@pratique/registry-access';
import type { SigningIdentity } from './attestation/open-signer.js';
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
    await Promise.all(this.#duties.map((duty) => duty.stop()));
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
    const connection = this.options.connections.get(rule.registry);
    if (connection === undefined) return;
    const quarantine = openQuarantine(connection, this.options.staging);
    const reason = `rescan-${rule.every}-${interval}`;
    const at = new Date(interval * rule.every);
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
