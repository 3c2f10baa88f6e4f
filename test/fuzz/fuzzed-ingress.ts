import { Global, Module } from '@nestjs/common';
import { RegistryEvent } from '@pratique/contracts';
import { OutcomePublisher, RegistryEventPublisher } from '@pratique/messaging';
import { HttpSettings, startService } from '@pratique/service';
import { IngressModule } from '../../apps/ingress/src/ingress.module.js';
import { type FuzzedRegistry, sourcesOf } from './fuzzed-registries.js';

export interface FuzzedIngress {
  port: number;
  /** Events that were published so far. */
  published: () => number;
  /** Events that were published though nobody could read them. */
  unreadable: readonly string[];
  stop(): Promise<void>;
}

/** Ingress as a service, with a broker that takes everything at once and keeps nothing: what is tried is the door. */
export async function startFuzzedIngress(fuzzed: readonly FuzzedRegistry[]): Promise<FuzzedIngress> {
  let published = 0;
  const unreadable: string[] = [];
  const events = {
    publish: (batch: readonly RegistryEvent[]): Promise<void> => {
      published += batch.length;
      // One of each delivery: the time that it takes is counted as the delivery's.
      if (!RegistryEvent.safeParse(batch.at(-1)).success) unreadable.push(JSON.stringify(batch.at(-1)));
      return Promise.resolve();
    },
  };
  const outcomes = { publish: (): Promise<void> => Promise.resolve() };

  @Global()
  @Module({
    providers: [
      { provide: RegistryEventPublisher, useValue: events },
      { provide: OutcomePublisher, useValue: outcomes },
    ],
    exports: [RegistryEventPublisher, OutcomePublisher],
  })
  class NoBroker {}

  // Every attacker has an address of its own: who has guessed wrong too often is not looked at any more.
  const http = HttpSettings.parse({ port: 0, trustedProxies: 1 });
  const registries = fuzzed.map(({ settings }) => settings);
  const service = await startService({
    name: 'ingress',
    modules: [NoBroker, IngressModule.register({ registries, http, sources: sourcesOf(fuzzed) })],
    http,
    logs: { level: 'silent' },
    signals: 'none',
  });
  return {
    port: Number(new URL(service.url).port),
    published: () => published,
    unreadable,
    stop: () => service.stop(),
  };
}
