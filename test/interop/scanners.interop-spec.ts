import { existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { RepositoryName } from '@pratique/contracts';
import { imageOf, pushImage, startTestRegistry, type TestRegistry } from '@pratique/testing';
import { NoAnswerError } from '../../apps/scan/src/scanners/no-answer-error.js';
import { openScanners, ScannersSection } from '../../apps/scan/src/scanners/scanners.js';

const repository = RepositoryName.parse('team/app');
const kinds = ['grype', 'trivy'] as const;

/** No Debian package has a scanner, so that these run where somebody has installed one. */
const installed = kinds.flatMap((kind) => {
  const path = programNamed(kind);
  return path === undefined ? [] : [{ kind, path }];
});

describe('real scanners', () => {
  let registry: TestRegistry;

  beforeAll(async () => {
    registry = await startTestRegistry();
  });

  afterAll(() => registry.close());

  it(`are asked where they are installed: ${installed.map(({ path }) => path).join(', ') || 'none is'}`, async () => {
    const image = await imageOf({
      layers: [{ 'etc/alpine-release': '3.19.1\n', 'lib/apk/db/installed': '' }],
    });
    const { digest } = image.root;
    await pushImage(registry.client, image, { repository });
    await registry.client.resolve(repository, digest);
    const home = process.env['HOME'] ?? '/root';
    const section = ScannersSection.parse(
      installed.map(({ kind, path }) => ({
        ...{ name: kind, kind, path, cacheFolder: join(home, '.cache', kind), databaseMaxAgeHours: 'any' },
      })),
    );
    for (const [name, scanner] of openScanners(section)) {
      const target = { client: registry.client, repository, digest, signal: AbortSignal.timeout(50_000) };
      const answer = await scanner.scan(target).catch((error: unknown) => error);
      // Without data of its own it says so, and that is an answer as well: nothing is cleared.
      if (answer instanceof NoAnswerError) console.log(`${name} gave no answer: ${answer.message}`);
      else expect(answer).toMatchObject({ scanner: { version: expect.stringMatching(/\d/) as string } });
    }
    expect(section).toHaveLength(installed.length);
  });
});

function programNamed(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = folders.filter((folder) => folder.startsWith('/')).map((folder) => join(folder, name));
  return paths.find((path) => existsSync(path) && statSync(path).isFile());
}
