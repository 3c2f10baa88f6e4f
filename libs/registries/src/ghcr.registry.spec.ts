import { heardInShort, hearDelivery, senderOf } from './hear-recordings.contract.js';
import { recordedDeliveries } from './recorded-deliveries.contract.js';
import { Refusal } from './refusal.js';

describe('registries/ghcr.registry', () => {
  it('keeps the id of the delivery, the media types, the size and who pushed', async () => {
    const [delivery] = recordedDeliveries('ghcr', 'package-helm-chart');

    expect(await hearDelivery('ghcr', delivery!)).toMatchObject([
      {
        identity: ['1c12af2c-17ba-11f1-8de9-0242ac120002'],
        data: {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          artifactType: 'application/vnd.cncf.helm.config.v1+json',
          size: 735,
          actor: 'octo-ci',
          occurredAt: '2026-03-04T08:15:30.000Z',
        },
      },
    ]);
  });

  it('takes the time of receipt where the sender has none', async () => {
    const [delivery] = recordedDeliveries('ghcr', 'registry-package-updated');

    expect(await hearDelivery('ghcr', delivery!)).toMatchObject([
      { data: { occurredAt: '2026-03-04T08:15:31.020Z' } },
    ]);
  });

  it('signs the form and not the JSON in it', async () => {
    const [delivery] = recordedDeliveries('ghcr', 'package-published-form');
    const unwrapped = Buffer.from(new URLSearchParams(delivery!.body.toString()).get('payload')!);

    expect(await heardInShort('ghcr', 'package-published-form')).toHaveLength(1);
    expect(await hearDelivery('ghcr', { ...delivery!, body: unwrapped })).toBeInstanceOf(Refusal);
  });

  it('does not take the older signature for a proof', async () => {
    const [delivery] = recordedDeliveries('ghcr', 'package-published');
    const { 'x-hub-signature-256': _, ...headers } = delivery!.headers;

    expect(await hearDelivery('ghcr', { ...delivery!, headers })).toMatchObject({
      reason: 'not-authenticated',
    });
    expect(senderOf('ghcr').name).toContain('x-hub-signature-256');
  });
});
