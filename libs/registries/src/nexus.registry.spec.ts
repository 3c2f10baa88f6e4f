import { hearDelivery, inShort } from './hear-recordings.contract.js';
import { recordedDeliveries } from './recorded-deliveries.contract.js';

describe('registries/nexus.registry', () => {
  const [delivery] = recordedDeliveries('nexus', 'component-created');

  it('reads the time zone without a colon', async () => {
    expect(await hearDelivery('nexus', delivery!)).toMatchObject([
      { data: { occurredAt: '2026-03-04T08:15:30.219Z' } },
    ]);
  });

  it('has no interest in another repository of the same Nexus', async () => {
    expect(await hearDelivery('nexus', delivery!, { settings: { repository: 'docker-proxy' } })).toEqual([]);
  });

  it('puts the repository before the image where it is pulled that way', async () => {
    const settings = { repository: 'docker-hosted', pathRouting: true };

    expect(inShort(await hearDelivery('nexus', delivery!, { settings }))).toEqual([
      'pushed docker-hosted/tripinsights/poi:1.8.0',
    ]);
  });

  it.each([
    ['an hour later', '2026-03-04T09:15:30.000Z', undefined],
    ['two hours later', '2026-03-04T10:15:31.000Z', 'not-authenticated'],
    ['an hour before it was sent', '2026-03-04T07:15:30.000Z', 'not-authenticated'],
  ])('judges the same bytes, received %s', async (_, at, reason) => {
    const heard = await hearDelivery('nexus', { ...delivery!, receivedAt: new Date(at) });

    expect((heard as { reason?: string }).reason).toBe(reason);
  });
});
