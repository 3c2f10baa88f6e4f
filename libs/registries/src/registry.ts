import type { HeardEvent } from '@pratique/contracts';
import type { z } from 'zod';
import type { RawWebhook } from './raw-webhook.js';
import type { Refusal } from './refusal.js';
import type { BaseSettings } from './registry-settings.js';
import type { Verified } from './verification/verified.js';

/** What a sender does when it is answered 4xx. */
export type AfterRefusal = 'gives-up' | 'retries-for-ever';

/** Everything that Pratique knows about one kind of registry. A kind is one file, and one line in `registries.ts`. */
export interface RegistryDefinition<
  K extends string = string,
  S extends z.ZodType<BaseSettings> = z.ZodType<BaseSettings>,
> {
  kind: K;
  /** Its entry in `pratique.yaml`, an object with `kind` as a literal. */
  settings: S;
  webhook: {
    afterRefusal: AfterRefusal;
    /** Does the sender prove that it is this registry? Looks at headers and raw bytes, and reads nothing of them. */
    verify(request: RawWebhook, settings: BaseSettings): Verified | Refusal;
    /** What the delivery says: nothing (a ping, an upload of a layer), one event or several. */
    normalise(verified: Verified, settings: BaseSettings): HeardEvent[] | Refusal;
  };
}

/** Checks a definition where it is written, and keeps its exact type. */
export function defineRegistry<const K extends string, S extends z.ZodType<BaseSettings & { kind: K }>>(
  definition: RegistryDefinition<K, S>,
): RegistryDefinition<K, S> {
  return definition;
}
