import type { SubscriptionName } from '@pratique/contracts';

const prefix = 'pratique.subscription.';

/**
 * The transport id of a subscription's server. A handler names it so that Nest gives the handler to this server only,
 * however many subscriptions live in one application:
 *
 * `@EventPattern<string>(registryEventType.pushed, subscriptionTransport('sync'))`
 */
export function subscriptionTransport(subscription: SubscriptionName): symbol {
  // Registered, so that every call gives the same symbol.
  return Symbol.for(`${prefix}${subscription}`);
}

/** Whether a handler's transport is one of ours. */
export function isSubscriptionTransport(transport: unknown): transport is symbol {
  return typeof transport === 'symbol' && Symbol.keyFor(transport)?.startsWith(prefix) === true;
}
