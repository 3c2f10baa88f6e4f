import { RepositoryName } from '@pratique/contracts';
import type { Intercept } from '@pratique/emulators-acr';
import { buildIndex, type BuiltImage, describeJson, mediaType } from '@pratique/oci';
import { anImagePushed, anImageQuarantined, artifactOf, imageOf, indexOf } from '@pratique/testing';
import { about, repository, ScanStage, tag } from '../test/scan-stage.js';

jest.setTimeout(60_000);

const bicep = "param location string = 'westeurope'\n";

describe('scan/scan-service', () => {
  let stage: ScanStage;

  beforeEach(async () => {
    stage = await ScanStage.open();
  });

  afterEach(async () => {
    await stage.close();
  });

  describe('in a registry with quarantine', () => {
    it('makes an image that passes pullable, which it was not, and tells everybody', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      await stage.push(image);
      expect(await stage.pullable(image)).toEqual({ tag: undefined, digest: 'access-refused' });

      const event = await stage.quarantined(image);
      const [passed, released] = await stage.outcomes(event, 2);

      expect(passed).toMatchObject({
        type: 'io.pratique.scan.passed.v1',
        causationid: event.id,
        data: {
          reason: 'every-check-passed',
          rule: 'bicep-only',
          image: { registry: 'customer', repository, tag, digest: image.root.digest },
          details: { checks: [{ policy: 'bicep-only', check: 'content', result: 'passed' }] },
        },
      });
      expect(released).toMatchObject({ type: 'io.pratique.quarantine.released.v1' });
      expect(await stage.cleared()).toMatchObject({
        type: 'io.pratique.image.cleared.v1',
        causationid: event.id,
        data: { registry: 'customer', repository, tag, digest: image.root.digest, decidedBy: 'bicep-only' },
      });
      expect(await stage.pullable(image)).toEqual({ tag: image.root.digest, digest: image.root.digest });
    });

    it('resolves the tag of an event that names no digest', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      await stage.push(image);

      const event = await stage.publish(anImageQuarantined({ ...about(image), digest: undefined }));
      const [passed] = await stage.outcomes(event, 2);

      expect(passed?.data.image?.digest).toBe(image.root.digest);
      expect((await stage.pullable(image)).digest).toBe(image.root.digest);
    });

    it.each([
      ['a file that is not allowed', artifactOf({ 'hi.txt': 'foo\n' }), /hi\.txt is not on the list/],
      [
        'an archive that calls itself a Bicep file',
        artifactOf({ 'foo.bicep': Buffer.from([0x1f, 0x8b, 8, 0, 0]) }),
        /foo\.bicep is not the text file/,
      ],
    ])('keeps %s in quarantine and says why', async (_what, image, why) => {
      await stage.push(image);

      const event = await stage.quarantined(image);
      const [failed, retained] = await stage.outcomes(event, 2);

      expect(failed).toMatchObject({ type: 'io.pratique.scan.failed.v1', data: { reason: 'check-failed' } });
      expect(failed?.data.message).toMatch(why);
      expect(retained).toMatchObject({
        type: 'io.pratique.quarantine.retained.v1',
        data: { reason: 'verdict-failed' },
      });
      expect(await stage.pullable(image)).toEqual({ tag: undefined, digest: 'access-refused' });
      expect(await stage.topicIsSilent()).toBe(true);
    });

    it.each([
      ['an index that names nothing', () => buildIndex([])],
      ['an artifact with no layers', () => withoutLayers()],
      ['an artifact with nothing but the empty descriptor', () => artifactOf({})],
      ['an image whose layers are empty', () => imageOf({ layers: [{}] })],
      [
        'a config that is not JSON',
        () => artifactOf({ 'foo.bicep': bicep }, { config: { mediaType: 'a/b', bytes: Buffer.from('x') } }),
      ],
    ])('never clears %s', async (_what, build) => {
      const image = await build();
      await stage.push(image);

      const event = await stage.quarantined(image);
      const [unscannable, retained] = await stage.outcomes(event, 2);

      expect(unscannable).toMatchObject({ type: 'io.pratique.scan.unscannable.v1' });
      expect(retained).toMatchObject({ data: { reason: 'verdict-unscannable' } });
      expect((await stage.pullable(image)).digest).toBe('access-refused');
    });

    it('releases an index with everything in it when all of it passes', async () => {
      const [one, two] = [
        await imageOf({ layers: [{ 'a.bicep': bicep }] }),
        artifactOf({ 'b.bicep': bicep }),
      ];
      const index = indexOf([one, two]);
      await stage.push(index);

      const event = await stage.quarantined(index);
      const [passed] = await stage.outcomes(event, 2);

      expect(passed).toMatchObject({
        type: 'io.pratique.scan.passed.v1',
        data: { details: { manifests: 3 } },
      });
      for (const { descriptor } of index.manifests) {
        expect(await stage.pullableDigest(descriptor.digest)).toBe(descriptor.digest);
      }
    });

    it('releases nothing of an index with one child that fails', async () => {
      const [good, bad] = [artifactOf({ 'a.bicep': bicep }), artifactOf({ 'b.exe': 'MZ' })];
      const index = indexOf([good, bad]);
      await stage.push(index);

      const event = await stage.quarantined(index);
      const [failed] = await stage.outcomes(event, 2);

      expect(failed).toMatchObject({ type: 'io.pratique.scan.failed.v1' });
      for (const { descriptor } of index.manifests) {
        expect(await stage.pullableDigest(descriptor.digest)).toBe('access-refused');
      }
    });

    it('does nothing twice when an event comes twice', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      await stage.push(image);
      const event = await stage.quarantined(image);
      const first = await stage.outcomes(event, 2);

      await stage.deliverAgain(event);
      const all = await stage.outcomes(event, 4);

      expect(all.slice(2).map(({ id }) => id)).toEqual(first.map(({ id }) => id));
      expect(stage.patches).toBe(1);
      const cleared = await stage.cleared();
      expect(cleared?.data.digest).toBe(image.root.digest);
      // The second has the id of the first, and the broker drops it.
      expect(await stage.topicIsSilent()).toBe(true);
    });

    it('leaves an image alone that no policy is for, and says so', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      const other = RepositoryName.parse('other/foo');
      await stage.push(image, other);

      const event = await stage.publish(anImageQuarantined({ ...about(image), repository: other }));
      const [error, retained] = await stage.outcomes(event, 2);

      expect(error).toMatchObject({
        type: 'io.pratique.scan.error.v1',
        data: { reason: 'no-policy', severity: 'warning' },
      });
      expect(retained).toMatchObject({ data: { reason: 'verdict-error' } });
    });

    it('says that an image is gone', async () => {
      const event = await stage.quarantined(artifactOf({ 'foo.bicep': bicep }));

      expect(await stage.outcomes(event, 1)).toMatchObject([
        { type: 'io.pratique.scan.error.v1', data: { reason: 'image-gone', severity: 'notice' } },
      ]);
    });

    it('says that it may not read', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      await stage.push(image);
      stage.intercept = ({ path }) => answer(path.includes('/manifests/') ? { status: 403 } : 'proceed');

      const event = await stage.quarantined(image);

      expect(await stage.outcomes(event, 1)).toMatchObject([
        { type: 'io.pratique.scan.error.v1', data: { reason: 'access-refused' } },
      ]);
    });

    it('tries again when the registry fails, and passes the image then', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      await stage.push(image);
      let failures = 4;
      stage.intercept = ({ path }) =>
        answer(path.includes('/blobs/') && failures-- > 0 ? { status: 503 } : 'proceed');

      const event = await stage.quarantined(image);

      expect(await stage.outcomes(event, 2)).toMatchObject([
        { type: 'io.pratique.scan.passed.v1' },
        { type: 'io.pratique.quarantine.released.v1' },
      ]);
    });

    it('gives up when the registry goes on failing, and releases nothing', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      await stage.push(image);
      stage.intercept = ({ method }) => answer(method === 'PATCH' ? { status: 503 } : 'proceed');

      const event = await stage.quarantined(image);

      expect(await stage.outcomes(event, 1)).toMatchObject([
        { type: 'io.pratique.scan.error.v1', data: { reason: 'registry-unavailable' } },
      ]);
      stage.intercept = undefined;
      expect((await stage.pullable(image)).digest).toBe('access-refused');
    });

    it('leaves alone what is pushed, for that is what it released itself', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      await stage.push(image);

      await stage.publish(anImagePushed(about(image)));
      const event = await stage.quarantined(image);

      // Outcomes of one subject keep their order, so nothing was told of the push.
      expect(await stage.outcomes(event, 2)).toHaveLength(2);
      expect(stage.heard.every(({ causationid }) => causationid === event.id)).toBe(true);
    });
  });

  it('scans what is pushed to a registry without quarantine', async () => {
    const image = artifactOf({ 'foo.bicep': bicep });
    await stage.push(image, repository, 'open');

    const event = await stage.publish(anImagePushed({ ...about(image), registry: 'open' }));

    expect(await stage.outcomes(event, 1)).toMatchObject([{ type: 'io.pratique.scan.passed.v1' }]);
    expect(await stage.cleared()).toMatchObject({ data: { registry: 'open', decidedBy: 'open-bicep' } });
  });
});

function answer(given: Awaited<ReturnType<Intercept>>): ReturnType<Intercept> {
  return Promise.resolve(given);
}

function withoutLayers(): BuiltImage {
  const artifact = artifactOf({});
  const [config] = artifact.blobs;
  const manifest = describeJson(
    { schemaVersion: 2, mediaType: mediaType.ociManifest, config: config?.descriptor, layers: [] },
    mediaType.ociManifest,
  );
  return { root: manifest.descriptor, manifests: [manifest], blobs: artifact.blobs };
}
