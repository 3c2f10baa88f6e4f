import { heardRegistryEvent, ImageEventData, type RegistryEvent } from '@pratique/contracts';

/** A push like any other; the same number gives the same event. */
export function sampleEvent(number: number): RegistryEvent {
  const at = '2026-03-04T08:15:30.000Z';
  const data = ImageEventData.parse({
    registry: 'vendor',
    repository: 'tripinsights/poi',
    tag: `1.0.${number}`,
    occurredAt: at,
    receivedAt: at,
  });
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  return { ...heardRegistryEvent({ name: 'pushed', data, identity: [String(number)] }), traceparent };
}
