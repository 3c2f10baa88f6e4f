import { hearDelivery, senderOf } from './hear-recordings.contract.js';
import { recordedDeliveries } from './recorded-deliveries.contract.js';

describe('registries/gitea.registry', () => {
  const [delivery] = recordedDeliveries('gitea', 'package-created');

  it.each(['', 'sha256=', '0'])('refuses the signature "%s"', async (signature) => {
    const headers = { ...delivery!.headers, 'x-gitea-signature': signature };

    expect(await hearDelivery('gitea', { ...delivery!, headers })).toMatchObject({
      reason: 'not-authenticated',
    });
  });

  it('does not fall back to a signature of another name when its own is wrong', async () => {
    const right = delivery!.headers['x-gitea-signature'];
    const headers = { ...delivery!.headers, 'x-gitea-signature': '', 'x-forgejo-signature': right };

    expect(await hearDelivery('gitea', { ...delivery!, headers })).toMatchObject({
      reason: 'not-authenticated',
    });
  });

  it('refuses a form without a payload', async () => {
    const headers = { ...delivery!.headers, 'content-type': 'application/x-www-form-urlencoded' };
    const sender = senderOf('gitea');
    const signed = await sender.sign(
      { ...delivery!, headers, body: Buffer.from('a=b') },
      sender.recordedUnder,
    );

    expect(await hearDelivery('gitea', signed)).toMatchObject({ reason: 'malformed' });
  });
});
