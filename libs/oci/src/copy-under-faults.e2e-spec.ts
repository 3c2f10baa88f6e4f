import { randomBytes } from 'node:crypto';
import { RepositoryName, Tag } from '@pratique/contracts';
import {
  artifactOf,
  type Fault,
  type FaultKind,
  type FaultRegistry,
  imageOf,
  pushImage,
  startFaultRegistry,
  startTestRegistry,
  type TestRegistry,
} from '@pratique/testing';
import fc from 'fast-check';
import type { BuiltImage } from './built-image.js';
import { copyImage } from './copy-image.js';
import { HostManners } from './manners/host-manners.js';
import type { CopySide } from './oci-error.js';
import { RegistryClient } from './registry-client.js';
import { basicTokens } from './basic-tokens.js';

const repository = RepositoryName.parse('team/app');
const tag = Tag.parse('1.0.0');

type Place = Pick<Fault, 'method' | 'path'>;

const places = {
  'source manifest': { method: 'GET', path: /\/manifests\// },
  'source blob': { method: 'GET', path: /\/blobs\// },
  'source referrers': { method: 'GET', path: /\/referrers\// },
  'target question': { method: 'HEAD', path: /./ },
  'target upload': { method: 'POST', path: /\/uploads\// },
  'target bytes': { method: 'PUT', path: /\/uploads\// },
  'target manifest': { method: 'PUT', path: /\/manifests\// },
} satisfies Record<string, Place>;

type PlaceName = keyof typeof places;
const placeNames = Object.keys(places) as PlaceName[];
const sideOf = (place: PlaceName): CopySide => (place.startsWith('source') ? 'source' : 'target');

/** Through a door that fails: whatever happens, nobody finds a wrong or half an image under the tag. */
describe('oci/copy-image under faults', () => {
  let image: BuiltImage;
  let signature: BuiltImage;
  const registries = {} as Record<CopySide, TestRegistry>;
  const doors = {} as Record<CopySide, FaultRegistry>;
  let clients: Record<CopySide, RegistryClient> | undefined;

  beforeAll(async () => {
    image = await imageOf({ layers: [{ big: randomBytes(100_000) }, { small: 'x' }] });
    signature = artifactOf({ sig: 'x' }, { subject: image.root });
    registries.source = await startTestRegistry();
    doors.source = await startFaultRegistry(registries.source.emulator.host);
    for (const one of [image, signature]) {
      await pushImage(registries.source.client, one, { repository, tags: one === image ? [tag] : [] });
    }
  });

  afterAll(async () => {
    await doors.source.close();
    await registries.source.close();
  });

  beforeEach(async () => {
    doors.source.fail();
    registries.target = await startTestRegistry();
    doors.target = await startFaultRegistry(registries.target.emulator.host);
    await login();
  });

  afterEach(async () => {
    await Promise.all([clients?.source.close(), clients?.target.close()]);
    clients = undefined;
    await doors.target.close();
    await registries.target.close();
  });

  /** With a first request each, so that a fault does not fall on the question for a token. */
  async function login(timeoutMs = 30_000): Promise<void> {
    await Promise.all([clients?.source.close(), clients?.target.close()]);
    clients = { source: connect('source', timeoutMs), target: connect('target', timeoutMs) };
    for (const side of ['source', 'target'] as const) await clients[side].resolve(repository, tag);
  }

  function connect(side: CopySide, timeoutMs: number): RegistryClient {
    const { host } = doors[side];
    return new RegistryClient({
      host,
      plainHttp: true,
      tokens: basicTokens({ username: 'tester', password: () => 'correct horse' }),
      // Nobody waits in a test.
      manners: new HostManners(host, {
        clock: { now: () => performance.now(), wait: () => Promise.resolve(), random: () => 0 },
        patienceMs: 2000,
      }),
      headersTimeoutMs: timeoutMs,
      bodyTimeoutMs: timeoutMs,
    });
  }

  function copy(): Promise<unknown> {
    const { source, target } = clients!;
    return copyImage({
      source: { client: source, repository, digest: image.root.digest },
      target: { client: target, repository, tags: [tag] },
      referrers: true,
    });
  }

  /** By the registry itself, past the door. */
  async function wholeAtTarget(): Promise<boolean> {
    const { client } = registries.target;
    const named = await client.resolve(repository, tag);
    if (named === undefined) return false;
    expect(named.digest).toBe(image.root.digest);
    for (const { descriptor, bytes } of image.blobs) {
      expect(Buffer.concat(await (await client.blob(repository, descriptor)).toArray())).toEqual(bytes);
    }
    expect(await client.referrers(repository, image.root.digest)).toMatchObject([
      { digest: signature.root.digest },
    ]);
    return true;
  }

  const failAt = (place: PlaceName, kind: FaultKind, times = 1): void =>
    doors[sideOf(place)].fail({ kind, ...places[place], times });

  describe.each(placeNames)('%s', (place) => {
    it.each<FaultKind>(['throttled', 'throttled-unsaid', 'error', 'expired', 'reset'])(
      'copies in the end after it was once %s',
      async (kind) => {
        failAt(place, kind);
        await copy();
        expect(doors[sideOf(place)].faulted()).toBe(1);
        expect(await wholeAtTarget()).toBe(true);
      },
    );

    it.each<[FaultKind, string]>([
      ['throttled', 'throttled'],
      ['error', 'registry-unavailable'],
      ['silent', 'timed-out'],
    ])('says so, and on which side, while it is %s; and copies when that is over', async (kind, code) => {
      const side = sideOf(place);
      if (kind === 'silent') await login(1000);
      failAt(place, kind, Number.POSITIVE_INFINITY);
      await expect(copy()).rejects.toMatchObject({ name: 'OciError', code, side, retryable: true });
      expect(await wholeAtTarget()).toBe(false);

      doors[side].fail();
      await login();
      await copy();
      expect(await wholeAtTarget()).toBe(true);
    });
  });

  describe.each<PlaceName>(['source manifest', 'source blob'])('%s', (place) => {
    it.each<FaultKind>(['wrong', 'short'])('is refused for good when its bytes are %s', async (kind) => {
      failAt(place, kind, Number.POSITIVE_INFINITY);
      await expect(copy()).rejects.toMatchObject({
        code: 'digest-mismatch',
        side: 'source',
        retryable: false,
      });
      expect(await wholeAtTarget()).toBe(false);
    });

    it('is given up when it stalls in the middle', async () => {
      await login(1000);
      failAt(place, 'stalled', Number.POSITIVE_INFINITY);
      await expect(copy()).rejects.toMatchObject({ code: 'timed-out', side: 'source' });
      expect(await wholeAtTarget()).toBe(false);
    });

    it('is looked for nowhere else when the other host has nothing', async () => {
      failAt(place, 'redirected', Number.POSITIVE_INFINITY);
      await expect(copy()).rejects.toMatchObject({ code: 'registry-unavailable', side: 'source' });
      expect(await wholeAtTarget()).toBe(false);
    });
  });

  it('leaves nothing wrong under the tag, whatever goes wrong how often', async () => {
    const kinds: FaultKind[] = [
      'throttled',
      'throttled-unsaid',
      'error',
      'reset',
      'short',
      'wrong',
      'expired',
    ];
    const faults = fc.array(
      fc.record({
        place: fc.constantFrom(...placeNames),
        kind: fc.constantFrom(...kinds),
        times: fc.integer({ min: 1, max: 6 }),
      }),
      { minLength: 1, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(faults, async (chosen) => {
        await registries.target.client.deleteManifest(repository, image.root.digest);
        for (const side of ['source', 'target'] as const) {
          doors[side].fail(
            ...chosen
              .filter(({ place }) => sideOf(place) === side)
              .map(({ place, kind, times }) => ({ kind, times, ...places[place] })),
          );
        }
        const failure = await copy().then(
          () => undefined,
          (error: unknown) => error,
        );
        if (failure === undefined) expect(await wholeAtTarget()).toBe(true);
        else {
          expect(failure).toMatchObject({ name: 'OciError', side: expect.stringMatching(/source|target/) });
          await wholeAtTarget();
        }
      }),
      { numRuns: 10 },
    );
  });
});
