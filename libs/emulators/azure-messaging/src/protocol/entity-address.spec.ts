import { parseEntityAddress } from './entity-address.js';

describe('protocol/entity-address', () => {
  it.each([
    ['$cbs', { kind: 'cbs' }],
    ['$management', { kind: 'hub-management' }],
    ['orders', { kind: 'entity', entity: 'orders' }],
    ['team/orders', { kind: 'entity', entity: 'team/orders' }],
    ['sb://localhost:5672/orders/', { kind: 'entity', entity: 'orders' }],
    ['t/Subscriptions/s', { kind: 'entity', entity: 't/Subscriptions/s' }],
    ['t/Subscriptions/s/$DeadLetterQueue', { kind: 'entity', entity: 't/Subscriptions/s/$DeadLetterQueue' }],
    ['t/Subscriptions/s/$management', { kind: 'entity-management', entity: 't/Subscriptions/s' }],
    ['hub/Partitions/3', { kind: 'hub-partition', hub: 'hub', partition: '3' }],
    [
      'hub/ConsumerGroups/$Default/Partitions/0',
      { kind: 'hub-reader', hub: 'hub', consumerGroup: '$Default', partition: '0' },
    ],
    [
      'HUB/consumergroups/g/partitions/0',
      { kind: 'hub-reader', hub: 'HUB', consumerGroup: 'g', partition: '0' },
    ],
    ['', { kind: 'entity', entity: '' }],
  ])('reads %s', (address, expected) => {
    expect(parseEntityAddress(address)).toEqual(expected);
  });
});
