import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildImage, type BuiltImage } from '@pratique/oci';
import {
  fault,
  type ImportWorld,
  running,
  startImportWorld,
  tag,
  vendorPassword,
} from '../test/import-world.js';
import type { AcrImporter, AcrImporterOptions } from './acr-importer.js';
import { importStatesInFolder } from './import-states.js';

describe('acr/import-image, begun before a restart', () => {
  let app: BuiltImage;
  let world: ImportWorld;

  beforeAll(async () => {
    app = await buildImage({ layers: [{ 'bin/app': 'one' }] });
  });

  beforeEach(async () => {
    world = await startImportWorld();
  });

  afterEach(() => world.close());

  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pratique-imports-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const successor = (options: Partial<AcrImporterOptions> = {}): AcrImporter =>
    world.importerOf('importer', { states: importStatesInFolder(folder), ...options });

  /** Begins an import and is stopped while it waits. */
  async function beginAndStop(): Promise<void> {
    await world.push(app, [tag]);
    const stop = new AbortController();
    world.armFault = ({ method }) => {
      if (method === 'GET') stop.abort(new Error('shutting down'));
      return method === 'GET' ? running(world.arm) : undefined;
    };
    const begun = world.importing(app.root.digest, {
      importer: successor(),
      signal: stop.signal,
      referrers: false,
    });
    await expect(begun).rejects.toThrow('shutting down');
    world.armFault = () => undefined;
  }

  it('is waited for, and not begun again', async () => {
    await beginAndStop();
    await world.arm.importsSettled();
    world.armRequests = [];

    await successor().import(world.requestFor(app.root.digest));

    expect(world.armRequests.map(({ method }) => method)).toEqual(['GET']);
    expect((await world.atTarget(tag))?.digest).toBe(app.root.digest);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is noted without the password of the source', async () => {
    await beginAndStop();
    const [file = ''] = await readdir(folder);
    const noted = await readFile(join(folder, file), 'utf8');
    expect(noted).toContain('operationResults');
    expect(noted).not.toContain(vendorPassword.password);
  });

  it.each([
    ['Azure has forgotten it', undefined],
    ['what is noted is no operation', '{"state":'],
    [
      'what is noted is an operation of somebody else',
      JSON.stringify({ state: { config: { operationLocation: 'https://elsewhere.test/operation' } } }),
    ],
  ])('is begun again when %s', async (_, noted) => {
    await beginAndStop();
    const [file = ''] = await readdir(folder);
    if (noted !== undefined) await writeFile(join(folder, file), noted);
    else
      world.armFault = ({ method }) => (method === 'GET' && world.imports() === 1 ? fault(404) : undefined);

    await successor().import(world.requestFor(app.root.digest));

    expect(world.imports()).toBe(2);
  });

  it('is asked for again when only the answer was missing', async () => {
    await world.push(app, [tag]);
    world.armFault = ({ method }) => (method === 'GET' ? fault(503) : undefined);
    await expect(successor().import(world.requestFor(app.root.digest))).rejects.toMatchObject({
      code: 'unavailable',
    });
    world.armFault = () => undefined;

    await successor().import(world.requestFor(app.root.digest));

    expect(world.imports()).toBe(1);
  });
});
