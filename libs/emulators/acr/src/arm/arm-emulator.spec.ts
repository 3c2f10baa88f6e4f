import { type ContainerRegistryManagementClient, restorePoller } from '@azure/arm-containerregistry';

import type { AcrEmulatorOptions } from '../acr-emulator.js';
import type { Identity } from '../auth/identity.js';
import { containerRegistryAudience, emulatedEntra } from '../entra/emulated-entra.js';
import { armClient } from '../testing/arm-client.js';
import { imageManifest, indexManifest, type Manifest, subjectOf } from '../testing/image-manifests.js';
import { json, send } from '../testing/registry-client.js';
import { clientOf, developer, reader, Running, scanner } from '../testing/registry-fixture.js';
import { startWebhookReceiver } from '../testing/webhook-receiver.js';
import { type ArmEmulatorOptions, startArmEmulator } from './arm-emulator.js';

/** `expect.stringMatching` with a type that lint lets into objects. */
const textLike = (pattern: RegExp): unknown => expect.stringMatching(pattern);

const running = new Running();
afterEach(() => running.stop());

const subscriptionId = '00000000-0000-0000-0000-00000000000a';
const resourceGroup = 'clearance';
const entra = emulatedEntra();

/** May import into the customer's registry, and read the vendor's when told to. */
const importer: Identity = {
  name: 'importer',
  credentials: { entraObjectId: 'importer-object' },
  repositories: ['team/*'],
  actions: ['pull'],
  arm: ['importImage'],
};

interface World {
  readonly customer?: Partial<AcrEmulatorOptions>;
  readonly vendor?: Partial<AcrEmulatorOptions>;
  readonly arm?: Partial<ArmEmulatorOptions>;
}

/** A vendor's and a customer's registry in one resource group, and the real client of the importer. */
async function world(options: World = {}) {
  const identities = [developer, reader, scanner, importer];
  const vendor = await running.registry({ name: 'vendor', entra, identities, ...options.vendor });
  const customer = await running.registry({ name: 'customer', entra, identities, ...options.customer });
  const arm = await startArmEmulator({
    registries: [vendor, customer],
    entra,
    subscriptionId,
    resourceGroup,
    retryAfterSeconds: 0,
    ...options.arm,
  });
  running.onStop(() => arm.close());
  return {
    arm,
    vendor: clientOf(vendor, developer),
    customer: clientOf(customer, developer),
    client: armClient(arm, { entra, objectId: 'importer-object', subscriptionId }),
    loginServer: vendor.loginServer,
  };
}

type Parameters = Parameters_<ContainerRegistryManagementClient['registries']['importImage']>[2];
type Parameters_<F> = F extends (...parameters: infer P) => unknown ? P : never;

async function importInto(
  client: ContainerRegistryManagementClient,
  parameters: Parameters,
  registry = 'customer',
): Promise<void> {
  await client.registries.importImage(resourceGroup, registry, parameters, { updateIntervalInMs: 1 });
}

function credentialsOf({ credentials }: Identity): { username: string; password: string } {
  if (!('username' in credentials)) throw new Error('The identity has no password.');
  return credentials;
}

describe('emulators/acr/arm/arm-emulator', () => {
  it.each([
    ['no token', undefined],
    ['a token for a registry', entra.issue('importer-object', containerRegistryAudience).token],
    [
      'a token of another tenant',
      emulatedEntra().issue('importer-object', 'https://management.azure.com').token,
    ],
  ])('refuses %s', async (_, token) => {
    const { arm, vendor } = await world();
    const url = `http://127.0.0.1:${arm.port}${arm.resourceIdOf('customer')}?api-version=2025-11-01`;
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await send(vendor.registry, `GET ${url}`, { headers });
    expect([answer.status, json(answer).error.code]).toEqual([401, 'InvalidAuthenticationToken']);
  });

  it('refuses a principal without the right to import', async () => {
    const { arm } = await world();
    const stranger = armClient(arm, { entra, objectId: 'stranger', subscriptionId });
    const source = { registryUri: 'x', sourceImage: 'team/api' };
    const importing = importInto(stranger, { source, targetTags: ['team/api'] });
    await expect(importing).rejects.toMatchObject({ statusCode: 403, code: 'AuthorizationFailed' });
  });

  it('refuses a principal without the right to read the source', async () => {
    const { arm, client } = await world({ vendor: { identities: [developer] } });
    const source = { resourceId: arm.resourceIdOf('vendor'), sourceImage: 'team/api:1.0' };
    const importing = importInto(client, { source, targetTags: ['team/api:1.0'] });
    await expect(importing).rejects.toMatchObject({ statusCode: 403, code: 'AuthorizationFailed' });
  });

  it.each([
    ['another registry', 'elsewhere', { statusCode: 404, code: 'ResourceNotFound' }],
    ['another resource group', 'customer', { statusCode: 404, code: 'ResourceGroupNotFound' }],
  ])('does not know %s', async (_, registry, refusal) => {
    const { client } = await world();
    const group = registry === 'customer' ? 'other' : resourceGroup;
    await expect(client.registries.get(group, registry)).rejects.toMatchObject(refusal);
  });

  it('does not know another subscription', async () => {
    const { arm } = await world();
    const client = armClient(arm, { entra, objectId: 'importer-object', subscriptionId: 'other' });
    const refusal = { statusCode: 404, code: 'SubscriptionNotFound' };
    await expect(client.registries.get(resourceGroup, 'customer')).rejects.toMatchObject(refusal);
  });

  it('does not know an operation that never was', async () => {
    const { arm, vendor } = await world();
    const path = `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerRegistry/locations/x/operationResults/y`;
    const authorization = `Bearer ${entra.issue('importer-object', 'https://management.azure.com').token}`;
    const url = `http://127.0.0.1:${arm.port}${path}?api-version=2025-11-01`;
    expect((await send(vendor.registry, `GET ${url}`, { headers: { authorization } })).status).toBe(404);
  });

  it('refuses an import onto a tag that exists', async () => {
    const { arm, client, vendor, customer } = await world();
    await vendor.pushImage('team/api', '1.0', 'new');
    const old = await customer.pushImage('team/api', '1.0', 'old');
    const source = { resourceId: arm.resourceIdOf('vendor'), sourceImage: 'team/api:1.0' };
    const importing = importInto(client, { source, targetTags: ['team/api:1.0'] });
    await expect(importing).rejects.toMatchObject({ statusCode: 409, code: 'Conflict' });
    const answer = await customer.send('HEAD', '/v2/team/api/manifests/1.0');
    expect(answer.headers['docker-content-digest']).toBe(old.digest);
  });

  it('moves a tag that exists when forced', async () => {
    const { arm, client, vendor, customer } = await world();
    const fresh = await vendor.pushImage('team/api', '1.0', 'new');
    await customer.pushImage('team/api', '1.0', 'old');
    const source = { resourceId: arm.resourceIdOf('vendor'), sourceImage: 'team/api:1.0' };
    await importInto(client, { source, targetTags: ['team/api:1.0'], mode: 'Force' });
    const answer = await customer.send('HEAD', '/v2/team/api/manifests/1.0');
    expect(answer.headers['docker-content-digest']).toBe(fresh.digest);
  });

  it.each([
    ['no target at all', { source: { registryUri: 'x', sourceImage: 'team/api' } }],
    [
      'a source named twice',
      { source: { registryUri: 'x', resourceId: 'y', sourceImage: 'a' }, targetTags: ['a'] },
    ],
    ['a bad source image', { source: { registryUri: 'x', sourceImage: 'Team@sha256:1' }, targetTags: ['a'] }],
    ['a bad target', { source: { registryUri: 'x', sourceImage: 'team/api' }, targetTags: ['a:b:c'] }],
  ])('refuses %s', async (_, parameters) => {
    const { client } = await world();
    const refusal = { statusCode: 400, code: 'InvalidParameters' };
    await expect(importInto(client, parameters)).rejects.toMatchObject(refusal);
  });

  it('fails the operation when the source has no such image', async () => {
    const { client, loginServer } = await world();
    const source = {
      registryUri: loginServer,
      credentials: credentialsOf(reader),
      sourceImage: 'team/api:9',
    };
    const importing = importInto(client, { source, targetTags: ['team/api:9'] });
    await expect(importing).rejects.toMatchObject({
      statusCode: 404,
      message: textLike(/unknown/),
    });
  });

  it.each([
    ['a wrong password', { username: 'reader', password: 'guess' }],
    ['a token that is none', { password: 'guess' }],
    ['no credentials', undefined],
  ])('fails the operation for %s at the source', async (_, credentials) => {
    const { client, vendor, loginServer } = await world();
    await vendor.pushImage('team/api', '1.0', 'layer');
    const source = {
      registryUri: loginServer,
      sourceImage: 'team/api:1.0',
      ...(credentials && { credentials }),
    };
    const importing = importInto(client, { source, targetTags: ['team/api:1.0'] });
    await expect(importing).rejects.toMatchObject({
      statusCode: 400,
      code: 'InvalidParameters',
      message: textLike(/unauthorized/),
    });
  });

  it('contacts no host that it does not know', async () => {
    const { client } = await world();
    const receiver = await startWebhookReceiver();
    running.onStop(() => receiver.close());
    const source = { registryUri: new URL(receiver.url).host, sourceImage: 'team/api:1.0' };
    const refusal = { statusCode: 400, code: 'InvalidParameters' };
    await expect(importInto(client, { source, targetTags: ['team/api:1.0'] })).rejects.toMatchObject(refusal);
    expect(receiver.received).toEqual([]);
  });

  it('fails the operation for an image with more than 50 manifests', async () => {
    const { arm, client, vendor } = await world();
    const children: Manifest[] = [];
    const parts = await vendor.pushLayers('team/api', 'layer');
    for (let number = 0; number < 50; number += 1) {
      const child = imageManifest({ ...parts, more: { annotations: { number: `${number}` } } });
      await vendor.mustPut('team/api', child.digest, child);
      children.push(child);
    }
    await vendor.mustPut('team/api', '1.0', indexManifest(children));
    const source = { resourceId: arm.resourceIdOf('vendor'), sourceImage: 'team/api:1.0' };
    const importing = importInto(client, { source, targetTags: ['team/api:1.0'] });
    await expect(importing).rejects.toMatchObject({
      statusCode: 400,
      message: textLike(/50/),
    });
  });

  it('does not import an image that is in quarantine at the source', async () => {
    const { arm, client, vendor } = await world({ vendor: { quarantine: true } });
    await vendor.pushImage('team/api', '1.0', 'layer');
    const source = { resourceId: arm.resourceIdOf('vendor'), sourceImage: 'team/api:1.0' };
    const importing = importInto(client, { source, targetTags: ['team/api:1.0'] });
    await expect(importing).rejects.toMatchObject({ statusCode: 404 });
  });

  it('imports by user name and password of the source', async () => {
    const { client, vendor, customer, loginServer } = await world();
    const { digest, bytes } = await vendor.pushImage('team/api', '1.0', 'layer');
    const source = {
      registryUri: loginServer,
      credentials: credentialsOf(reader),
      sourceImage: `team/api@${digest}`,
    };
    await importInto(client, { source, targetTags: ['mirror/api:1.0', 'mirror/api:stable'] });
    for (const tag of ['1.0', 'stable']) {
      expect((await customer.send('GET', `/v2/mirror/api/manifests/${tag}`)).body).toEqual(bytes);
    }
    const layer = json(await customer.send('GET', '/v2/mirror/api/manifests/1.0')).layers[0].digest;
    expect((await customer.send('GET', `/v2/mirror/api/blobs/${layer}`)).body.toString()).toBe('layer');
  });

  it('imports by an Entra token as password without user name', async () => {
    const { client, vendor, customer, loginServer } = await world();
    await vendor.pushImage('team/api', '1.0', 'layer');
    const password = entra.issue('importer-object', containerRegistryAudience).token;
    const source = { registryUri: loginServer, credentials: { password }, sourceImage: 'team/api:1.0' };
    await importInto(client, { source, targetTags: ['team/api'] });
    expect((await customer.send('HEAD', '/v2/team/api/manifests/1.0')).status).toBe(200);
  });

  it('imports without credentials from a registry that lets anyone pull', async () => {
    const { client, vendor, customer, loginServer } = await world({ vendor: { anonymousPull: true } });
    await vendor.pushImage('team/api', 'latest', 'layer');
    const source = { registryUri: loginServer, sourceImage: 'team/api' };
    await importInto(client, { source, targetTags: ['team/api'] });
    expect((await customer.send('HEAD', '/v2/team/api/manifests/latest')).status).toBe(200);
  });

  it('imports an index with its children, and leaves referrers behind', async () => {
    const { arm, client, vendor, customer } = await world();
    const child = imageManifest(await vendor.pushLayers('team/api', 'layer'));
    await vendor.mustPut('team/api', child.digest, child);
    const index = indexManifest([child]);
    await vendor.mustPut('team/api', '1.0', index);
    const sbom = imageManifest({ ...(await vendor.pushLayers('team/api', 'sbom')), more: subjectOf(index) });
    await vendor.mustPut('team/api', sbom.digest, sbom);
    const resourceId = arm.resourceIdOf('vendor');
    const image = { source: { resourceId, sourceImage: 'team/api:1.0' }, targetTags: ['team/api:1.0'] };
    await importInto(client, image);
    expect((await customer.send('GET', `/v2/team/api/manifests/${child.digest}`)).body).toEqual(child.bytes);
    const referrers = `/v2/team/api/referrers/${index.digest}`;
    expect(json(await customer.send('GET', referrers)).manifests).toEqual([]);

    const referrer = { resourceId, sourceImage: `team/api@${sbom.digest}` };
    await importInto(client, { source: referrer, untaggedTargetRepositories: ['team/api'], mode: 'Force' });
    expect(json(await customer.send('GET', referrers)).manifests).toMatchObject([{ digest: sbom.digest }]);
    expect(json(await customer.send('GET', '/v2/team/api/tags/list')).tags).toEqual(['1.0']);
  });

  it('keeps an import in quarantine and tells of it as of a push', async () => {
    const receiver = await startWebhookReceiver();
    running.onStop(() => receiver.close());
    const webhooks = [{ name: 'scan', url: receiver.url, actions: ['push', 'quarantine'] as const }];
    const { arm, client, vendor, customer } = await world({ customer: { quarantine: true, webhooks } });
    const { digest } = await vendor.pushImage('team/api', '1.0', 'layer');
    const source = { resourceId: arm.resourceIdOf('vendor'), sourceImage: 'team/api:1.0' };
    await importInto(client, { source, targetTags: ['team/api:1.0'] });
    expect((await customer.send('HEAD', '/v2/team/api/manifests/1.0')).status).toBe(404);
    await customer.registry.webhooksSettled();
    expect(receiver.received.map(({ body }) => body)).toMatchObject([
      { action: 'quarantine', target: { repository: 'team/api', tag: '1.0', digest } },
    ]);
  });

  it('lets a poller go on that was stored before a crash', async () => {
    const { arm, client, vendor, customer } = await world({ arm: { pendingPolls: 2 } });
    await vendor.pushImage('team/api', '1.0', 'layer');
    const source = { resourceId: arm.resourceIdOf('vendor'), sourceImage: 'team/api:1.0' };
    const poller = client.registries.importImage(resourceGroup, 'customer', {
      source,
      targetTags: ['team/api:1.0'],
    });
    await poller.submitted();
    const stored = await poller.serialize();
    const successor = armClient(arm, { entra, objectId: 'importer-object', subscriptionId });
    const restored = restorePoller(successor, stored, successor.registries.importImage, {
      updateIntervalInMs: 1,
    });
    await restored.pollUntilDone();
    expect((await customer.send('HEAD', '/v2/team/api/manifests/1.0')).status).toBe(200);
  });

  it('says 202 to the first polls of a plain HTTP client, and 200 in the end', async () => {
    const { arm, vendor } = await world({ arm: { pendingPolls: 1, retryAfterSeconds: 10 } });
    await vendor.pushImage('team/api', '1.0', 'layer');
    const authorization = `Bearer ${entra.issue('importer-object', 'https://management.azure.com').token}`;
    const body = JSON.stringify({
      source: { resourceId: arm.resourceIdOf('vendor'), sourceImage: 'team/api:1.0' },
      targetTags: ['team/api:1.0'],
    });
    const url = `http://127.0.0.1:${arm.port}${arm.resourceIdOf('customer')}/importImage?api-version=2025-11-01`;
    const accepted = await send(vendor.registry, `POST ${url}`, { headers: { authorization }, body });
    expect([accepted.status, accepted.headers['retry-after']]).toEqual([202, '10']);
    await arm.importsSettled();
    const location = String(accepted.headers.location);
    const first = await send(vendor.registry, `GET ${location}`, { headers: { authorization } });
    const second = await send(vendor.registry, `GET ${location}`, { headers: { authorization } });
    expect([first.status, second.status]).toEqual([202, 200]);
  });

  it('describes a registry', async () => {
    const { client, arm } = await world({ customer: { quarantine: true } });
    const registry = await client.registries.get(resourceGroup, 'customer');
    expect(registry).toMatchObject({
      id: arm.resourceIdOf('customer'),
      loginServer: textLike(/^127\.0\.0\.1:\d+$/),
      policies: { quarantinePolicy: { status: 'enabled' } },
    });
  });
});
