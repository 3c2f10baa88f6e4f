import type { HeardEvent } from '@pratique/contracts';
import type { z } from 'zod';
import type { HandshakeAnswer } from './handshake-answer.js';
import type { RawWebhook } from './raw-webhook.js';
import type { Refusal } from './refusal.js';
import type { RegistryManual } from './registry-manual.js';
import type { BaseSettings } from './registry-settings.js';
import type { TrustSources } from './verification/trust-sources.js';
import type { Verified } from './verification/verified.js';

/**
 * What a sender does when it is answered 4xx.
 *
 * - `gives-up`: at once, or after a few tries
 * - `retries-for-ever`: and holds back or repeats what it has to say, for days at least
 * - `switches-off`: sends nothing more, until somebody notices and switches it on again
 */
export type AfterRefusal = 'gives-up' | 'retries-for-ever' | 'switches-off';

/** Everything that Pratique knows about one kind of registry. A kind is one file, and one line in `registries.ts`. */
export interface RegistryDefinition<
  K extends string = string,
  S extends z.ZodType<BaseSettings> = z.ZodType<BaseSettings>,
> {
  kind: K;
  /** Its entry in `pratique.yaml`, an object with `kind` as a literal. */
  settings: S;
  /** What people must know to set it up; `docs/registries/<kind>.md` is written from it. */
  manual: RegistryManual;
  webhook: {
    afterRefusal: AfterRefusal;
    /** The sender can be told nothing but an address, so the secret is the end of that. */
    secretInAddress?: true;
    /**
     * Does the sender prove that it is this registry? Looks at headers and raw bytes, and believes nothing of them.
     *
     * @throws TrustSourceError when what the proof is checked against (a certificate, a set of keys) cannot be had now
     */
    verify(
      request: RawWebhook,
      settings: z.output<S>,
      sources: TrustSources,
    ): Verified | Refusal | Promise<Verified | Refusal>;
    /** What the delivery says: nothing (a ping, an upload of a layer), one event or several, or a question first. */
    normalise(verified: Verified, settings: z.output<S>): HeardEvent[] | HandshakeAnswer | Refusal;
    /** For senders that ask with `OPTIONS` whether they may deliver; undefined is no consent. */
    consent?(request: Pick<RawWebhook, 'headers'>, settings: z.output<S>): HandshakeAnswer | undefined;
  };
}

/** Checks a definition where it is written, and keeps its exact type. */
export function defineRegistry<const K extends string, S extends z.ZodType<BaseSettings & { kind: K }>>(
  definition: RegistryDefinition<K, S>,
): RegistryDefinition<K, S> {
  return definition;
}
