import {
  decidedRegistryEvent,
  DecidedImageData,
  digestOf,
  heardRegistryEvent,
  ImageEventData,
  type Outcome,
  outcomeOfEvent,
  type RegistryEvent,
} from '@pratique/contracts';

const occurredAt = '2026-11-22T10:00:00.000Z';

/** The event that tells of a push, the same whenever it is built. */
export function pushOf(name: string): RegistryEvent {
  const data = ImageEventData.parse({
    registry: 'vendor',
    repository: name,
    tag: 'v1',
    digest: digestOf(Buffer.from(name)),
    occurredAt,
    receivedAt: occurredAt,
  });
  return heardRegistryEvent({ name: 'pushed', data, identity: [name] });
}

/** What scan sends on when it has cleared the image. */
export function clearanceOf(push: RegistryEvent): RegistryEvent {
  return decidedRegistryEvent('cleared', push, DecidedImageData.parse({ ...push.data, decidedBy: 'scan' }));
}

export function scanOutcome(push: RegistryEvent): Outcome {
  return outcomeOfEvent('scan.passed', push, {
    service: 'scan',
    at: new Date(occurredAt),
    data: { reason: 'every-check-passed', severity: 'info', message: 'passed', image: imageOf(push) },
  });
}

export function syncOutcome(clearance: RegistryEvent): Outcome {
  return outcomeOfEvent('sync.copied', clearance, {
    service: 'sync',
    at: new Date(occurredAt),
    data: { reason: 'copied', severity: 'info', message: 'copied', image: imageOf(clearance) },
  });
}

function imageOf({ data: { registry, repository, tag, digest } }: RegistryEvent) {
  return { registry, repository, tag, digest };
}
