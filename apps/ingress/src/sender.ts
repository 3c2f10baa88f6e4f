import { matcherOf, networkMatcherOf } from '@pratique/config';
import {
  type RegistryDefinition,
  registryOfKind,
  type RegistrySettings,
  usualRateLimit,
} from '@pratique/registries';
import { TokenBucket } from './token-bucket.js';

/** A registry that sends webhooks: its settings, compiled. */
export interface Sender {
  settings: RegistrySettings;
  webhook: RegistryDefinition['webhook'];
  /** Where deliveries may come from; an address that cannot be told is in no list. */
  mayComeFrom(address: string | undefined): boolean;
  /** About which repositories it may speak. */
  maySpeakOf(repository: string): boolean;
  /** What it may still deliver. Its own: one noisy registry spends nothing of another's. */
  allowance: TokenBucket;
}

export function senderOf(settings: RegistrySettings): Sender {
  const { repositories, allowFrom, rateLimit = usualRateLimit } = settings.webhook ?? {};
  const isNear = allowFrom === undefined ? undefined : networkMatcherOf(allowFrom);
  return {
    settings,
    webhook: registryOfKind(settings.kind).webhook,
    mayComeFrom: (address) => isNear === undefined || isNear(address ?? ''),
    maySpeakOf: repositories === undefined ? () => true : matcherOf(repositories),
    allowance: new TokenBucket(rateLimit),
  };
}
