import { RepositoryName, Tag } from '@pratique/contracts';
import { buildArtifact, type BuiltImage, pushImage } from '@pratique/oci';
import { indexOf, startTestRegistry, type TestRegistry } from '@pratique/testing';
import type { Verdict } from '../verdict.js';
import type { Quarantine, QuarantineResult } from './quarantine.js';
import { destinationOf, stagingQuarantine } from './staging-quarantine.js';

const prefix = RepositoryName.parse('quarantine');
const waiting = RepositoryName.parse('quarantine/team/app');
const released = RepositoryName.parse('team/app');
const tag = Tag.parse('1.0');
const image = buildArtifact({ files: { 'a.txt': 'a' } });
const newer = buildArtifact({ files: { 'a.txt': 'b' } });
const passed: Verdict = { status: 'passed' };
const { signal } = new AbortController();

describe('scan/quarantine/staging-quarantine', () => {
  let registry: TestRegistry;
  let quarantine: Quarantine;

  beforeEach(async () => {
    registry = await startTestRegistry();
    quarantine = stagingQuarantine(registry.client, prefix);
    await pushImage(registry.client, image, { repository: waiting, tags: [tag] });
  });

  afterEach(() => registry.close());

  function decide(verdict: Verdict, of: BuiltImage = image): Promise<QuarantineResult> {
    const manifests = new Map(of.manifests.map(({ descriptor }) => [descriptor.digest, verdict]));
    return quarantine.decide({
      ...{ repository: waiting, digest: of.root.digest, tag, verdict, manifests, message: 'Why.' },
      signal,
    });
  }

  async function pullable(): Promise<string | undefined> {
    return (await registry.client.resolve(released, tag))?.digest;
  }

  const standing = (of = image): Promise<string> =>
    quarantine.standing({ repository: waiting, digest: of.root.digest, signal });

  it('copies an image that passes to where it is pulled from, with its tag', async () => {
    expect(await standing()).toBe('waiting');

    expect(await decide(passed)).toBe('released');

    expect(await pullable()).toBe(image.root.digest);
    expect(await standing()).toBe('released');
  });

  it('copies an index with everything in it, and what is attached to it', async () => {
    const index = indexOf([image, newer]);
    const signature = buildArtifact({ files: { s: 's' }, subject: index.root });
    await pushImage(registry.client, index, { repository: waiting, tags: [tag] });
    await pushImage(registry.client, signature, { repository: waiting });

    await decide(passed, index);

    expect(await pullable()).toBe(index.root.digest);
    const referrers = await registry.client.referrers(released, index.root.digest);
    expect(referrers.map(({ digest }) => digest)).toEqual([signature.root.digest]);
  });

  it.each<Verdict>([
    { status: 'failed' },
    { status: 'unscannable', reason: 'not-readable', message: 'It is damaged.' },
    { status: 'error', reason: 'check-crashed', message: 'It broke.', retryable: false },
  ])('leaves an image with the verdict $status where it is', async (verdict) => {
    expect(await decide(verdict)).toBe('retained');

    expect(await pullable()).toBeUndefined();
    expect(await standing()).toBe('waiting');
  });

  it('does not turn a tag back that has moved on', async () => {
    await pushImage(registry.client, newer, { repository: waiting, tags: [tag] });
    await decide(passed, newer);

    expect(await decide(passed, image)).toBe('released');

    expect(await pullable()).toBe(newer.root.digest);
    expect(await standing(image)).toBe('released');
  });

  it('takes an image back that has come to fail, and keeps what waits', async () => {
    await decide(passed);

    expect(await decide({ status: 'failed' })).toBe('retained');

    expect(await pullable()).toBeUndefined();
    expect(await standing()).toBe('waiting');
  });

  it('leaves a released image alone when a check breaks', async () => {
    await decide(passed);

    await decide({ status: 'error', reason: 'check-crashed', message: 'It broke.', retryable: false });

    expect(await pullable()).toBe(image.root.digest);
  });

  it('says that an image is gone', async () => {
    await registry.client.deleteManifest(waiting, image.root.digest);

    expect(await decide(passed)).toBe('gone');
    expect(await standing()).toBe('absent');
  });

  it('does the same again without doing anything', async () => {
    await decide(passed);
    registry.heard();

    expect(await decide(passed)).toBe('released');

    expect(registry.heard().filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([]);
  });

  it.each([
    ['quarantine/team/app', 'team/app'],
    ['team/app', undefined],
    ['quarantine', undefined],
    ['quarantined/app', undefined],
  ])('knows the images of %s as %s', (repository, name) => {
    expect(destinationOf(RepositoryName.parse(repository), prefix)).toBe(name);
  });
});
