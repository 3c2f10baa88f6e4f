import { subscriptionFilter, type SubscriptionName, subscriptions } from './entity-names.js';
import { registryEventType } from './registry-event.js';

describe('contracts/entity-names', () => {
  it('sends every type of registry event to somebody, and all of them to the ledger', () => {
    expect([...subscriptions.audit].toSorted()).toEqual(Object.keys(registryEventType).toSorted());
  });

  it.each(Object.keys(subscriptions) as SubscriptionName[])(
    'lets %s take its own redeliveries and nobody else’s',
    (name) => {
      expect(subscriptionFilter(name)).toContain(
        `pratique_redeliver_to IS NULL OR pratique_redeliver_to = '${name}'`,
      );
    },
  );
});
