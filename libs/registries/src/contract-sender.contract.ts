import type { RawWebhook } from './raw-webhook.js';
import type { RefusalReason } from './refusal.js';
import type { TrustSources } from './verification/trust-sources.js';

export interface SenderSecrets {
  secret: string;
  previousSecret?: string;
}

/** The other side of a webhook: how a registry of some kind proves itself, and how that can be spoilt. */
export interface ContractSender {
  /** Tells the ways of one kind apart. */
  name: string;
  /** Which recordings of the kind come this way. */
  recordings?: RegExp;
  /** The secret under which the recordings were made. */
  recordedUnder: string;
  /** The proof holds for a short time or needs a key pair: the recordings come without it. */
  recordedWithoutProof?: boolean;
  /** Settings beside name, host and webhook. */
  settings?: object;
  host?: string;
  webhook(secrets: SenderSecrets): object;
  sources?(secrets: SenderSecrets): TrustSources;
  sign(delivery: RawWebhook, secret: string): RawWebhook | Promise<RawWebhook>;
  /** The delivery with one bit flipped in all that is proof or is proved, each in a delivery of its own. */
  forge(delivery: RawWebhook): RawWebhook[];
  /** The delivery about another repository. */
  rename?(body: string, repository: string): string;
  /** Names that are refused; capitals are legal where the kind folds them. */
  illegalNames?: readonly string[];
  /** What an unreadable body is refused as: a proof inside the body cannot be found in it. */
  unreadable?: RefusalReason;
  /** The sender tells of nothing that is of no interest. */
  onlyImages?: boolean;
}
