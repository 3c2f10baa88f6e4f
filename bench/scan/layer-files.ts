import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { Digest } from '@pratique/contracts';
import type { Descriptor } from '@pratique/oci';
import { requiredProgram } from '../../test/processes/required-program.js';

const run = promisify(execFile);
const fileCount = 35_000;
/** Of this size and less, the files of a Debian system make a layer of some 140 MB. */
const maxFileBytes = 1_700_000;

export interface LayerFile {
  path: string;
  descriptor: Descriptor;
  diffId: Digest;
}

export interface LayerFiles {
  gzip: LayerFile;
  zstd: LayerFile;
  /** Files in each. */
  count: number;
}

/** Makes one layer of files of this machine's /usr, spread evenly over it, compressed as gzip -6 and zstd -3 do. */
export async function makeLayerFiles(folder: string): Promise<LayerFiles> {
  const files = evenly(await filesBelow('/usr'), fileCount);
  const [list, tar] = [join(folder, 'files'), join(folder, 'layer.tar')];
  await writeFile(list, files.join('\n'));
  await run(
    program('tar'),
    [
      ...['--create', '--format=posix', '--hard-dereference', '--no-recursion', `--file=${tar}`],
      ...['--verbatim-files-from', `--files-from=${list}`, '--absolute-names'],
    ],
    { maxBuffer: 2 ** 26 },
  );
  await run(program('gzip'), ['-6', '--keep', tar]);
  await run(program('zstd'), ['-3', '--quiet', tar]);
  const diffId = await digestOfFile(tar);
  return {
    gzip: await describe(`${tar}.gz`, 'gzip', diffId),
    zstd: await describe(`${tar}.zst`, 'zstd', diffId),
    count: files.length,
  };
}

/** What is measured against: GNU tar lists the layer, and does nothing else. Milliseconds. */
export async function listWithTar({ path }: LayerFile): Promise<number> {
  const begun = performance.now();
  const child = spawn(program('tar'), ['tzf', path], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`tar ended with ${code}`);
  return performance.now() - begun;
}

function program(name: string): string {
  return requiredProgram({ name, debianPackage: name });
}

async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths: string[] = [];
  for (const entry of found) {
    if (!entry.isFile() || /[\n\\]/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await stat(path)).size <= maxFileBytes) paths.push(path);
  }
  return paths.sort();
}

function evenly(paths: readonly string[], count: number): string[] {
  if (paths.length < count) throw new Error(`/usr has ${paths.length} files, and the layer needs ${count}`);
  return Array.from(
    { length: count },
    (_, index) => paths[Math.floor((index * paths.length) / count)] as string,
  );
}

async function describe(path: string, codec: string, diffId: Digest): Promise<LayerFile> {
  const { size } = await stat(path);
  const mediaType = `application/vnd.oci.image.layer.v1.tar+${codec}`;
  return { path, diffId, descriptor: { mediaType, digest: await digestOfFile(path), size } };
}

async function digestOfFile(path: string): Promise<Digest> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return Digest.parse(`sha256:${hash.digest('hex')}`);
}
