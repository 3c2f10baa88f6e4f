import { RepositoryName, Tag } from '@pratique/contracts';
import { artifactOf, pushImage, startTestRegistry, type TestRegistry } from '@pratique/testing';
import { ConfigFolder } from '../../test/config-folder.js';
import { run, type Ran } from '../../test/run.js';

const repository = RepositoryName.parse('bicep/foo');
const [good, bad, broken] = ['good', 'bad', 'broken'].map((tag) => Tag.parse(tag));
const policy = {
  ...{ name: 'bicep-only', registry: 'customer', repositories: ['bicep/**'] },
  checks: [{ content: { allow: ['**/*.bicep'] } }, { secrets: {} }],
};

describe('cli/verbs/scan', () => {
  let registry: TestRegistry;
  let folder: ConfigFolder;
  let config: string;

  beforeAll(async () => {
    registry = await startTestRegistry();
    folder = new ConfigFolder();
    const { client } = registry;
    await pushImage(client, artifactOf({ 'a.bicep': 'param a string\n' }), { repository, tags: [good!] });
    await pushImage(client, artifactOf({ 'a b/run.sh': 'x', 'a.bicep': `${'\n'.repeat(2)}${token}` }), {
      repository,
      tags: [bad!],
    });
    await pushImage(client, artifactOf({ '../a.bicep': 'x' }), { repository, tags: [broken!] });
    folder.write('password', 'correct horse');
    config = folder.write('pratique.yaml', {
      registries: [
        {
          ...{ name: 'customer', kind: 'distribution', host: client.host, plainHttp: true },
          credentials: { username: 'tester', password: { file: folder.path('password') } },
        },
      ],
      scan: [policy],
    });
  });

  afterAll(async () => {
    folder.remove();
    await registry.close();
  });

  const scan = (...args: string[]): Promise<Ran> => run(['scan', ...args, '--config', config]);

  it('says that an image would be cleared', async () => {
    const { exitCode, out } = await scan('customer/bicep/foo:good');

    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^POLICY +CHECK +RESULT +FINDINGS +MANIFEST$/),
      expect.stringMatching(/^bicep-only +content +passed +0 +sha256:/),
      expect.stringMatching(/^bicep-only +secrets +passed +0 +sha256:/),
      '',
      expect.stringMatching(
        /^bicep\/foo:good@sha256:[0-9a-f]+ in customer would be cleared by bicep-only\.$/,
      ),
      '',
    ]);
    expect(exitCode).toBe(0);
  });

  it('finds the registry by its host too', async () => {
    expect((await scan(`${registry.client.host}/bicep/foo:good`)).exitCode).toBe(0);
  });

  it('says what was found, where, and what would mend it, and changes nothing', async () => {
    registry.heard();
    const { exitCode, out } = await scan('customer/bicep/foo:bad');

    expect(out).toMatch(
      /^content not-allowed: The file a b\/run\.sh is not on the list.*\n {2}Build the image/m,
    );
    expect(out).toMatch(/^secrets github-token: .*a\.bicep.* in line 3\./m);
    expect(out).toMatch(/would be refused by bicep-only\.\n$/);
    expect(exitCode).toBe(1);
    expect(registry.heard().every((line) => /^(?:GET|HEAD) /.test(line))).toBe(true);
  });

  it('tells programs the same', async () => {
    const { exitCode, out } = await scan('customer/bicep/foo:bad', '--json');

    expect(JSON.parse(out)).toMatchObject({
      schema: 'io.pratique.scan-report.v1',
      image: { registry: 'customer', repository, tag: 'bad' },
      verdict: { status: 'failed' },
      manifests: [
        {
          checks: [
            { kind: 'content', result: 'failed' },
            { kind: 'secrets', result: 'failed' },
          ],
        },
      ],
    });
    expect(exitCode).toBe(1);
  });

  it('tells editors and code hosts, by rule, file and line', async () => {
    const { exitCode, out } = await scan('customer/bicep/foo:bad', '--sarif');
    const { version, runs } = JSON.parse(out) as Sarif;
    const [{ tool, results, invocations }] = runs;

    expect(version).toBe('2.1.0');
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(['content/not-allowed', 'secrets/github-token']);
    expect(results).toMatchObject([
      {
        ruleId: 'content/not-allowed',
        ruleIndex: 0,
        level: 'error',
        locations: [{ physicalLocation: { artifactLocation: { uri: 'a%20b/run.sh' } } }],
      },
      {
        ruleId: 'secrets/github-token',
        ruleIndex: 1,
        locations: [{ physicalLocation: { artifactLocation: { uri: 'a.bicep' }, region: { startLine: 3 } } }],
      },
    ]);
    expect(invocations).toMatchObject([{ executionSuccessful: true, toolExecutionNotifications: [] }]);
    expect(exitCode).toBe(1);
  });

  it('says that an image cannot be read, in each form', async () => {
    const { exitCode, out } = await scan('customer/bicep/foo:broken');
    const sarif = JSON.parse((await scan('customer/bicep/foo:broken', '--sarif')).out) as Sarif;

    expect(out).toMatch(/climbs out of its folder/);
    expect(out).toMatch(/would be refused, for it cannot be read in full, by bicep-only\.\n$/);
    expect(sarif.runs[0].invocations).toMatchObject([
      {
        executionSuccessful: false,
        toolExecutionNotifications: [{ message: { text: expect.stringContaining('climbs') } }],
      },
    ]);
    expect(exitCode).toBe(1);
  });

  it('says that an image is not there', async () => {
    expect(await scan('customer/bicep/foo:gone')).toMatchObject({
      exitCode: 1,
      out: 'There is no bicep/foo:gone in customer.\n',
    });
  });

  it.each([
    [[], 'Say which image'],
    [['customer/bicep/foo'], 'neither a tag nor a digest'],
    [['customer/other/foo:1'], 'No policy applies to other/foo in customer'],
    [['customer/bicep/foo:good', '--policy', 'nope'], 'There is no policy "nope"'],
  ])('refuses %j and says what to do', async (args, why) => {
    const { exitCode, err } = await scan(...args);

    expect(err).toContain(why);
    expect(exitCode).toBe(2);
  });
});

const token = 'TOKEN=ghp_4fQ8aBzY1cXw2dVu3eTs5gRr6hPq7iNo8jMm\n';

interface Sarif {
  version: string;
  runs: [
    {
      tool: { driver: { rules: { id: string }[] } };
      results: unknown[];
      invocations: unknown[];
    },
  ];
}
