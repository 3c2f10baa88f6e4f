import { heardRegistryEvent, ImageEventData, type RegistryEvent } from '@pratique/contracts';

let made = 0;

/** Pushes of different images: the broker would drop doubles. About 1 KB each on the wire. */
export function samplePushes(count: number, registry = 'vendor'): RegistryEvent[] {
  return Array.from({ length: count }, () => {
    made += 1;
    const occurredAt = '2026-11-22T10:00:00.000Z';
    const data = ImageEventData.parse({
      registry,
      repository: `samples/application-${made % 100}`,
      tag: `1.0.${made}`,
      digest: `sha256:${made.toString(16).padStart(64, '0')}`,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      actor: 'build-pipeline',
      occurredAt,
      receivedAt: occurredAt,
    });
    return heardRegistryEvent({ name: 'pushed', data, identity: [String(made)] });
  });
}
