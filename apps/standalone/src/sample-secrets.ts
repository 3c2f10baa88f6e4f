import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The secrets of the sample registries, and the files in which `pratique.yaml` refers to them. */
export const sampleSecretNames = [
  'vendor-pull-password',
  'vendor-push-password',
  'vendor-webhook-secret',
  'customer-reader-password',
  'customer-webhook-secret',
] as const;
export type SampleSecretName = (typeof sampleSecretNames)[number];

export type SampleSecrets = Record<SampleSecretName, string>;

/** Reads the secrets of an earlier start, or makes them: random, and readable by this user only. */
export async function openSampleSecrets(folder: string): Promise<SampleSecrets> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const entries = await Promise.all(
    sampleSecretNames.map(async (name) => [name, await openSecret(join(folder, name))] as const),
  );
  return Object.fromEntries(entries) as SampleSecrets;
}

async function openSecret(file: string): Promise<string> {
  try {
    await writeFile(file, randomBytes(24).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFile(file, 'utf8');
}
