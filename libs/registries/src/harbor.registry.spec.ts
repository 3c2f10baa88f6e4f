import { heardRegistryEvent, type HeardEvent } from '@pratique/contracts';
import { hearDelivery } from './hear-recordings.contract.js';
import { recordedDeliveries } from './recorded-deliveries.contract.js';

describe('registries/harbor.registry', () => {
  it('gives each resource of a delivery an id of its own', async () => {
    const [delivery] = recordedDeliveries('harbor', 'delete-two-tags');
    const heard = (await hearDelivery('harbor', delivery!)) as HeardEvent[];

    expect(new Set(heard.map((event) => heardRegistryEvent(event).id)).size).toBe(2);
  });

  it('takes time and actor of the default format, and the id of the other', async () => {
    const [plain] = recordedDeliveries('harbor', 'push-artifact');
    const [cloudEvent] = recordedDeliveries('harbor', 'cloudevents-pushed');

    expect(await hearDelivery('harbor', plain!)).toMatchObject([
      { data: { actor: 'robot$ci', occurredAt: '2026-03-04T08:15:30.000Z', senderEventId: undefined } },
    ]);
    expect(await hearDelivery('harbor', cloudEvent!)).toMatchObject([
      {
        data: {
          occurredAt: '2026-03-04T08:15:30.000Z',
          senderEventId: '4b2f89a6-548d-4c12-9993-a1f5790b97d2',
        },
      },
    ]);
  });

  it('takes the whole header for the secret and adds no scheme', async () => {
    const [delivery] = recordedDeliveries('harbor', 'push-artifact');
    const headers = {
      ...delivery!.headers,
      authorization: `Bearer ${String(delivery!.headers.authorization)}`,
    };

    expect(await hearDelivery('harbor', { ...delivery!, headers })).toMatchObject({
      reason: 'not-authenticated',
    });
  });
});
