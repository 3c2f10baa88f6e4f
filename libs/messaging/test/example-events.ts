import {
  decidedRegistryEvent,
  DecidedImageData,
  heardRegistryEvent,
  ImageEventData,
  type ImagePushed,
  outcomeOfEvent,
  type OutcomeOf,
  type RegistryEvent,
} from '@pratique/contracts';

/** A push of its own for every name. */
export function examplePush(name = 'app'): ImagePushed {
  const occurredAt = '2026-11-22T10:00:00.000Z';
  const data = ImageEventData.parse({
    registry: 'vendor',
    repository: `samples/${name}`,
    tag: 'v1',
    digest: `sha256:${'ab'.repeat(32)}`,
    occurredAt,
    receivedAt: occurredAt,
  });
  return heardRegistryEvent({ name: 'pushed', data, identity: [name] }) as ImagePushed;
}

export function exampleApproval(name = 'app'): RegistryEvent {
  const cause = examplePush(name);
  return decidedRegistryEvent(
    'approved',
    cause,
    DecidedImageData.parse({ ...cause.data, decidedBy: 'release' }),
  );
}

export function exampleOutcome(name = 'app', message = 'was copied'): OutcomeOf<'sync.copied'> {
  const cause = examplePush(name);
  const { registry, repository, tag, digest } = cause.data;
  return outcomeOfEvent('sync.copied', cause, {
    service: 'sync',
    at: new Date('2026-11-22T10:00:01.000Z'),
    data: {
      reason: 'copied',
      severity: 'info',
      message,
      image: { registry, repository, tag, digest },
    },
  });
}
