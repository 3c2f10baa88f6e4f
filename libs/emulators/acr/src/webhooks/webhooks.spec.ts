import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import { imageManifest, indexManifest } from '../testing/image-manifests.js';
import { clientOf, developer, Running, scanner } from '../testing/registry-fixture.js';
import { startWebhookReceiver } from '../testing/webhook-receiver.js';
import type { Webhook } from './webhooks.js';

/** `expect.stringMatching` with a type that lint lets into objects. */
const textLike = (pattern: RegExp): unknown => expect.stringMatching(pattern);

const running = new Running();
afterEach(() => running.stop());

const everything = ['push', 'delete', 'quarantine'] as const;

async function listening(
  options: { status?: number; webhook?: Partial<Webhook>; quarantine?: boolean } = {},
) {
  const receiver = await startWebhookReceiver(options.status);
  running.onStop(() => receiver.close());
  const webhook = { name: 'pratique', url: receiver.url, actions: everything, ...options.webhook };
  const registry = await running.registry({ webhooks: [webhook], quarantine: options.quarantine ?? false });
  const pusher = clientOf(registry, developer);
  const release = (digest: string) =>
    clientOf(registry, scanner).send('PATCH', `/acr/v1/team/api/_manifests/${digest}`, {
      body: '{"quarantineState":"Passed"}',
    });
  /** What has arrived: action and tag, in no particular order. */
  const heard = async () => {
    await registry.webhooksSettled();
    return receiver.received
      .map(({ body }) => `${body.action} ${body.target.tag ?? body.target.digest}`)
      .sort();
  };
  return { registry, receiver, pusher, release, heard };
}

describe('emulators/acr/webhooks/webhooks', () => {
  it('tells of a push with exactly the documented fields', async () => {
    const { registry, receiver, pusher } = await listening({ webhook: { actions: ['push'] } });
    const { digest, bytes, mediaType } = await pusher.pushImage('team/api', '1.0', 'layer');
    await registry.webhooksSettled();
    expect(receiver.received.map(({ body }) => body)).toEqual([
      {
        id: textLike(/^[0-9a-f-]{36}$/),
        timestamp: textLike(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/),
        action: 'push',
        target: {
          mediaType,
          size: bytes.length,
          length: bytes.length,
          digest,
          repository: 'team/api',
          tag: '1.0',
        },
        request: { id: textLike(/./), host: registry.loginServer, method: 'PUT' },
      },
    ]);
  });

  it('tells of a quarantine without media type', async () => {
    const { registry, receiver, pusher } = await listening({ quarantine: true });
    const { digest, bytes } = await pusher.pushImage('team/api', '1.0', 'layer');
    await registry.webhooksSettled();
    expect(receiver.received).toMatchObject([{ body: { action: 'quarantine' } }]);
    expect(receiver.received[0]?.body.target).toEqual({
      size: bytes.length,
      length: bytes.length,
      digest,
      repository: 'team/api',
      tag: '1.0',
    });
  });

  it('tells of a push both ways when there is no quarantine', async () => {
    const { pusher, heard } = await listening();
    await pusher.pushImage('team/api', '1.0', 'layer');
    expect(await heard()).toEqual(['push 1.0', 'quarantine 1.0']);
  });

  it('tells of the push on release, once', async () => {
    const { pusher, heard, release } = await listening({ quarantine: true });
    const { digest } = await pusher.pushImage('team/api', '1.0', 'layer');
    expect(await heard()).toEqual(['quarantine 1.0']);
    await release(digest);
    await release(digest);
    expect(await heard()).toEqual(['push 1.0', 'quarantine 1.0']);
  });

  it('names no tag on release when the tag has moved to other bytes', async () => {
    const { pusher, heard, release } = await listening({ quarantine: true, webhook: { actions: ['push'] } });
    const former = await pusher.pushImage('team/api', '1.0', 'one');
    await pusher.pushImage('team/api', '1.0', 'two');
    await release(former.digest);
    expect(await heard()).toEqual([`push ${former.digest}`]);
  });

  it('tells at once of a new tag on bytes that have passed', async () => {
    const { pusher, heard, release } = await listening({ quarantine: true });
    const manifest = await pusher.pushImage('team/api', '1.0', 'layer');
    await release(manifest.digest);
    await pusher.mustPut('team/api', '2.0', manifest);
    expect(await heard()).toEqual(['push 1.0', 'push 2.0', 'quarantine 1.0']);
  });

  it('tells of each manifest of an index, children by digest', async () => {
    const { pusher, heard } = await listening({ webhook: { actions: ['push'] } });
    const child = imageManifest(await pusher.pushLayers('team/api', 'layer'));
    await pusher.mustPut('team/api', child.digest, child);
    await pusher.mustPut('team/api', '1.0', indexManifest([child]));
    expect(await heard()).toEqual(['push 1.0', `push ${child.digest}`]);
  });

  it('tells of a manifest that was deleted, and not of a tag', async () => {
    const { registry, receiver, pusher } = await listening({ webhook: { actions: ['delete'] } });
    const { digest, mediaType } = await pusher.pushImage('team/api', '1.0', 'layer');
    await pusher.send('DELETE', '/v2/team/api/manifests/1.0');
    await pusher.send('DELETE', `/v2/team/api/manifests/${digest}`);
    await registry.webhooksSettled();
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]?.body.target).toEqual({ mediaType, digest, repository: 'team/api' });
  });

  it('sends its own headers, and those of the webhook over them', async () => {
    const headers = { Authorization: 'Bearer s3cret', 'Content-Type': 'application/vnd.test+json' };
    const { registry, receiver, pusher } = await listening({ webhook: { actions: ['push'], headers } });
    await pusher.pushImage('team/api', '1.0', 'layer');
    await registry.webhooksSettled();
    expect(receiver.received[0]?.headers).toMatchObject({
      authorization: 'Bearer s3cret',
      'content-type': 'application/vnd.test+json',
      'user-agent': textLike(/^AzureContainerRegistry\//),
    });
  });

  it('tries once and remembers the refusal', async () => {
    const { registry, receiver, pusher } = await listening({ status: 503, webhook: { actions: ['push'] } });
    await pusher.pushImage('team/api', '1.0', 'layer');
    await registry.webhooksSettled();
    expect(receiver.received).toHaveLength(1);
    expect(registry.deliveries).toMatchObject([{ webhook: 'pratique', action: 'push', status: 503 }]);
  });

  it('remembers that nobody answered', async () => {
    const cutting = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => cutting.listen(0, '127.0.0.1', resolve));
    running.onStop(() => new Promise((resolve) => cutting.close(() => resolve())));
    const url = `http://127.0.0.1:${(cutting.address() as AddressInfo).port}`;
    const { registry, pusher } = await listening({ webhook: { url, actions: ['push'] } });
    await pusher.pushImage('team/api', '1.0', 'layer');
    await registry.webhooksSettled();
    expect(registry.deliveries).toMatchObject([{ action: 'push', error: textLike(/./) }]);
  });

  it('keeps to the scope of a webhook', async () => {
    const { pusher, heard } = await listening({ webhook: { actions: ['push'], scope: 'team/api:1.0' } });
    await pusher.pushImage('team/other', '1.0', 'layer');
    const manifest = await pusher.pushImage('team/api', '1.0', 'layer');
    await pusher.mustPut('team/api', '2.0', manifest);
    expect(await heard()).toEqual(['push 1.0']);
  });

  it('pings a webhook that was added later', async () => {
    const { registry, receiver } = await listening();
    registry.addWebhook({ name: 'late', url: receiver.url, actions: [] });
    expect(await registry.ping('late')).toMatchObject({ webhook: 'late', action: 'ping', status: 202 });
    expect(receiver.received[0]?.body).toEqual({ action: 'ping' });
  });
});
