/** What a link's address means. Names are as the client wrote them; entities are compared without regard to case. */
export type EntityAddress =
  | { readonly kind: 'cbs' }
  /** `$management` alone: the management node of Event Hubs, which names its hub in each request. */
  | { readonly kind: 'hub-management' }
  | { readonly kind: 'entity-management'; readonly entity: string }
  | { readonly kind: 'hub-partition'; readonly hub: string; readonly partition: string }
  | {
      readonly kind: 'hub-reader';
      readonly hub: string;
      readonly consumerGroup: string;
      readonly partition: string;
    }
  /** A topic, queue, subscription, dead-letter queue or event hub, told apart by what exists. */
  | { readonly kind: 'entity'; readonly entity: string };

const NODES: Readonly<Record<string, EntityAddress>> = {
  $cbs: { kind: 'cbs' },
  $management: { kind: 'hub-management' },
};

/** Addresses with parts, the most special first. */
const SHAPES: readonly (readonly [RegExp, (parts: Readonly<Record<string, string>>) => EntityAddress])[] = [
  [/^(?<entity>.+)\/\$management$/i, ({ entity = '' }) => ({ kind: 'entity-management', entity })],
  [
    /^(?<hub>[^/]+)\/ConsumerGroups\/(?<group>[^/]+)\/Partitions\/(?<partition>[^/]+)$/i,
    ({ hub = '', group = '', partition = '' }) => ({
      kind: 'hub-reader',
      hub,
      consumerGroup: group,
      partition,
    }),
  ],
  [
    /^(?<hub>[^/]+)\/Partitions\/(?<partition>[^/]+)$/i,
    ({ hub = '', partition = '' }) => ({ kind: 'hub-partition', hub, partition }),
  ],
];

/** Reads the address of a link; an absolute `sb://host/` or `amqps://host/` in front of it does not matter. */
export function parseEntityAddress(address: string): EntityAddress {
  const path = addressPath(address);
  const folded = path.toLowerCase();
  const node = Object.hasOwn(NODES, folded) ? NODES[folded] : undefined;
  if (node !== undefined) return node;
  for (const [shape, build] of SHAPES) {
    const parts = shape.exec(path)?.groups;
    if (parts !== undefined) return build(parts);
  }
  return { kind: 'entity', entity: path };
}

/** The path of an address or of a token's audience, without scheme, host and slashes at either end. */
export function addressPath(address: string): string {
  return address.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/^\/+|\/+$/g, '');
}
