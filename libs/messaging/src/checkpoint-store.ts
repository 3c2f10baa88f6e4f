import type { CheckpointStore, PartitionOwnership } from '@azure/event-hubs';

/**
 * Where a reader of the event hub keeps its position and who reads which partition. Whoever reads implements it on a
 * database; only `libs/messaging` imports the SDK whose interface this is.
 *
 * - `claimOwnership` gives back what was granted, with a new `etag` and `lastModifiedTimeInMs`: a claim is granted when
 *   nobody has the partition, or when its `etag` is still the stored one. The `ownerId` may be empty: given up.
 * - `updateCheckpoint` overwrites the position of one partition and consumer group.
 */
export type { Checkpoint, CheckpointStore, PartitionOwnership } from '@azure/event-hubs';

/** A store for tests and for readers that start from the beginning each time. It can outlive its readers. */
export function inMemoryCheckpointStore(): CheckpointStore {
  const ownerships = new Map<string, PartitionOwnership>();
  const checkpoints = new Map<string, Parameters<CheckpointStore['updateCheckpoint']>[0]>();
  let etags = 0;
  return {
    listOwnership: (...hub) => Promise.resolve([...ownerships.values()].filter(isIn(hub)).map(copy)),
    claimOwnership: (claims) => {
      const granted = claims
        .filter((claim) => ownerships.get(placeOf(claim))?.etag === claim.etag)
        .map((claim) => {
          etags += 1;
          const ownership = { ...claim, etag: String(etags), lastModifiedTimeInMs: Date.now() };
          ownerships.set(placeOf(claim), ownership);
          return copy(ownership);
        });
      return Promise.resolve(granted);
    },
    updateCheckpoint: (checkpoint) => {
      checkpoints.set(placeOf(checkpoint), copy(checkpoint));
      return Promise.resolve();
    },
    listCheckpoints: (...hub) => Promise.resolve([...checkpoints.values()].filter(isIn(hub)).map(copy)),
  };
}

interface Place {
  fullyQualifiedNamespace: string;
  eventHubName: string;
  consumerGroup: string;
  partitionId: string;
}

function placeOf(place: Place): string {
  const { fullyQualifiedNamespace, eventHubName, consumerGroup, partitionId } = place;
  return JSON.stringify([fullyQualifiedNamespace, eventHubName, consumerGroup, partitionId]);
}

function isIn([namespace, hub, group]: readonly unknown[]): (place: Place) => boolean {
  return (place) =>
    place.fullyQualifiedNamespace === namespace &&
    place.eventHubName === hub &&
    place.consumerGroup === group;
}

function copy<T extends object>(value: T): T {
  return { ...value };
}
