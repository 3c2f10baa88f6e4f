import type { OutcomeReason } from '@pratique/contracts';
import type { AfterRefusal, HandshakeAnswer } from '@pratique/registries';

/**
 * What became of a delivery. Beside the reasons of a refusal:
 *
 * - `accepted`: the broker has every event of it, or the journal while the broker is away
 * - `handshake`: the sender asked whether it may deliver, and was answered
 * - `of-no-interest`: understood, and nothing to act on (a ping, an upload of a layer, a pull)
 * - `not-accepted`: neither the broker nor the journal took it; the sender should come again
 * - `incomplete`: the sender went away before it had said everything
 */
export type WebhookReason =
  | 'accepted'
  | 'handshake'
  | 'of-no-interest'
  | 'not-accepted'
  | 'incomplete'
  | OutcomeReason<'webhook.refused'>;

export interface WebhookAnswer {
  status: number;
  reason: WebhookReason;
  /** Whole seconds after which the sender may come again. */
  retryAfter?: number;
  /** What the sender's question is answered with, instead of status and reason. */
  handshake?: HandshakeAnswer['answer'];
}

const statusOf: Readonly<Record<WebhookReason, number>> = {
  accepted: 202,
  handshake: 200,
  'of-no-interest': 200,
  malformed: 400,
  incomplete: 400,
  'not-authenticated': 401,
  'address-not-allowed': 403,
  'repository-not-allowed': 403,
  'unknown-registry': 404,
  'too-large': 413,
  'unsupported-encoding': 415,
  'too-many-requests': 429,
  'too-many-attempts': 429,
  'not-accepted': 503,
};

// Until the broker, or whatever else is away, may be back.
const patienceSeconds = 5;

// Repeating these helps nobody: the same event would be refused again.
function isAboutTheEvent(reason: WebhookReason): boolean {
  return reason === 'repository-not-allowed' || reason === 'malformed';
}

/**
 * The answer to a sender, who reads little more than its status.
 *
 * A sender that repeats for ever what was refused would stand still at the first event that it may not tell or that cannot be
 * understood, and every other behind that would be lost; another switches its webhook off. Once they have proved who they
 * are they are told 200: the refusal stands, and is reported.
 */
export function webhookAnswer(reason: WebhookReason, afterRefusal: AfterRefusal = 'gives-up'): WebhookAnswer {
  const tolerated = afterRefusal !== 'gives-up' && isAboutTheEvent(reason);
  const status = tolerated ? 200 : statusOf[reason];
  return { status, reason, ...(status === 503 && { retryAfter: patienceSeconds }) };
}
