import type { Secret } from '@pratique/config';
import { Refusal } from '../refusal.js';

/** The secrets that hold at the moment: one, and during a change of secret the previous one too. */
export interface LiveSecrets {
  secret: Secret;
  previousSecret?: Secret | undefined;
}

/**
 * Whether any live secret passes a test. Every secret is tested, also after a match, so that the time taken does not tell
 * which one was right.
 */
export function someLiveSecret(
  { secret, previousSecret }: LiveSecrets,
  passes: (secret: Secret) => boolean,
): boolean {
  const secrets = previousSecret === undefined ? [secret] : [secret, previousSecret];
  return secrets.map(passes).includes(true);
}

export function notAuthenticated(explanation: string): Refusal {
  return new Refusal('not-authenticated', explanation);
}

export function noWebhook(): Refusal {
  return notAuthenticated('this registry has no webhook in the configuration');
}
