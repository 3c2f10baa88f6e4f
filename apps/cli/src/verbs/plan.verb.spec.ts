import { RepositoryName, Tag } from '@pratique/contracts';
import { buildArtifact, pushImage } from '@pratique/oci';
import { anImagePushed, startTestRegistry, type TestRegistry } from '@pratique/testing';
import { ConfigFolder } from '../../test/config-folder.js';
import { run } from '../../test/run.js';

const repository = RepositoryName.parse('team/app');
const image = buildArtifact({ files: { a: 'one' } });
const other = buildArtifact({ files: { a: 'two' } });

describe('cli/verbs/plan', () => {
  let vendor: TestRegistry;
  let customer: TestRegistry;
  let folder: ConfigFolder;
  let config: string;

  const push = (at: TestRegistry, what: typeof image, ...tags: string[]): Promise<void> =>
    pushImage(at.client, what, { repository, tags: tags.map((tag) => Tag.parse(tag)) });

  beforeAll(async () => {
    [vendor, customer] = await Promise.all([startTestRegistry(), startTestRegistry()]);
    await push(vendor, image, '1.0', '1.1', '1.2', 'dev');
    await push(customer, image, '1.2', '0.9');
    await push(customer, other, '1.1');
    folder = new ConfigFolder();
    const registry = (name: string, { emulator }: TestRegistry) => ({
      ...{ name, kind: 'distribution', host: emulator.host, plainHttp: true },
      credentials: { username: 'tester', password: { file: folder.write('password', 'correct horse') } },
    });
    config = folder.write('pratique.yaml', {
      registries: [registry('vendor', vendor), registry('customer', customer)],
      sync: [
        {
          ...{ name: 'mirror', from: 'vendor', to: 'customer', repositories: ['team/*'], when: 'pushed' },
          ...{ tags: { semver: '*' }, newest: 3, delete: 'mirror', overwrite: 'backup' },
        },
        { name: 'released', from: 'vendor', to: 'customer', repositories: ['other'], when: 'approved' },
      ],
    });
  });

  afterAll(async () => {
    folder.remove();
    await Promise.all([vendor.close(), customer.close()]);
  });

  it('shows everything that a rule would do, and why not for the rest', async () => {
    const { exitCode, out, err } = await run(['plan', '--config', config, '--rule', 'mirror']);

    expect([exitCode, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^copy +mirror +vendor team\/app:1\.0 \(\w{12}\) +customer team\/app:1\.0 +is not at the target$/m,
    );
    expect(out).toMatch(
      /^overwrite +mirror .* the target names another image, which is kept as 1\.1\.backup-\w{12}$/m,
    );
    expect(out).toMatch(/^none +mirror .*1\.2.* is at the target already$/m);
    expect(out).toMatch(/^delete +mirror +vendor team\/app:0\.9 .* is no longer at the source$/m);
    expect(out).toMatch(/^none +mirror +vendor team\/app:dev +- +mirror takes the tags \*$/m);
    expect(out).toContain('1 to copy, 1 to overwrite, 1 to delete, 2 to leave as they are.');
  });

  it('says for one tag what every rule makes of it', async () => {
    const { out } = await run(['plan', '--config', config, '--image', 'vendor/team/app:1.0', '--json']);

    expect(JSON.parse(out)).toMatchObject({
      rows: [
        { rule: 'mirror', action: 'copy', code: 'missing', sourceDigest: image.root.digest },
        {
          rule: 'released',
          action: 'none',
          code: 'repository',
          reason: 'released takes the repositories other',
        },
      ],
    });
  });

  it('says what would follow on an event', async () => {
    const event = anImagePushed({ registry: 'vendor', repository, tag: 'dev', digest: image.root.digest });
    const file = folder.write('event.json', JSON.stringify({ body: event }));
    const { out } = await run(['plan', '--config', config, '--event', file, '--json']);

    expect(JSON.parse(out)).toMatchObject({
      rows: [
        { rule: 'mirror', action: 'none', code: 'tag' },
        { rule: 'released', action: 'none', code: 'other-event' },
      ],
    });
  });

  it.each([
    [['--rule', 'none'], 'There is no rule "none"; there are mirror, released'],
    [['--image', 'vendor/app'], '--image must be REGISTRY/REPOSITORY:TAG'],
    [['--image', 'else/app:1'], 'There is no registry "else"; the file names vendor, customer'],
    [[], 'Name one of --rule, --image and --event'],
    [['--rule', 'mirror', '--image', 'vendor/app:1'], 'Name one of'],
    [['--event', '/nowhere.json'], '/nowhere.json cannot be read as JSON'],
  ])('refuses %j', async (args, sentence) => {
    const { exitCode, err } = await run(['plan', '--config', config, ...args]);

    expect([exitCode, err]).toEqual([2, expect.stringContaining(sentence)]);
  });

  it('says in a sentence that a registry cannot be asked', async () => {
    const { exitCode, out } = await run(['plan', '--config', config, '--image', 'vendor/nobody/app:1.0']);
    expect([exitCode, out]).toEqual([0, expect.stringContaining('mirror takes the repositories team/*')]);
    vendor.intercept(() => Promise.resolve({ status: 403 }));

    const refused = await run(['plan', '--config', config, '--rule', 'mirror']);
    vendor.intercept(() => Promise.resolve('proceed'));

    expect(refused).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('does not list its repositories'),
    });
  });
});
