import { type Digest, RepositoryName, type Tag } from '@pratique/contracts';
import { copyImage, OciError, type RegistryClient } from '@pratique/oci';
import {
  mayRelease,
  type Quarantine,
  type QuarantineDecision,
  type QuarantineResult,
  type QuarantinedImage,
  type Standing,
} from './quarantine.js';

/**
 * Quarantine for a registry that has none: images are pushed to `<prefix>/<repository>`, which nobody but Pratique may pull
 * from, and are copied to `<repository>` when they pass. That nobody else may push there is up to the registry's own rights.
 */
export function stagingQuarantine(client: RegistryClient, prefix: RepositoryName): Quarantine {
  const destination = (repository: RepositoryName): RepositoryName | undefined =>
    destinationOf(repository, prefix);
  return {
    announcedBy: 'pushed',
    destination,
    decide: (decision) => decide(client, decision, destination(decision.repository)),
    // What is attached to an image is copied with it.
    admit: () => Promise.resolve(),
    standing: (image) => standing(client, image, destination(image.repository)),
  };
}

/** `quarantine/team/app` → `team/app`; undefined for what is not in the staging area. */
export function destinationOf(
  repository: RepositoryName,
  prefix: RepositoryName,
): RepositoryName | undefined {
  if (!repository.startsWith(`${prefix}/`)) return undefined;
  return RepositoryName.parse(repository.slice(prefix.length + 1));
}

async function decide(
  client: RegistryClient,
  decision: QuarantineDecision,
  destination: RepositoryName | undefined,
): Promise<QuarantineResult> {
  const { repository, digest, verdict, signal } = decision;
  if (destination === undefined || verdict.status === 'error') return 'retained';
  if (!mayRelease(decision)) {
    await withdraw(client, { repository: destination, digest, signal });
    return 'retained';
  }
  const tags = await tagsToSet(client, decision);
  try {
    await copyImage({
      source: { client, repository, digest },
      target: { client, repository: destination, tags },
      referrers: true,
      signal,
    });
    return 'released';
  } catch (error) {
    const gone = error instanceof OciError && error.code === 'not-found' && error.side === 'source';
    if (gone) return 'gone';
    throw error;
  }
}

/** A tag that has moved on is left to the event of what it names now: a late verdict must not turn it back. */
async function tagsToSet(
  client: RegistryClient,
  { repository, tag, digest, signal }: QuarantineDecision,
): Promise<Tag[]> {
  if (tag === undefined) return [];
  return (await client.resolve(repository, tag, { signal }))?.digest === digest ? [tag] : [];
}

/** Takes an image back that had been released; what waits stays where it is, for whoever wants to know why. */
async function withdraw(
  client: RegistryClient,
  { repository, digest, signal }: { repository: RepositoryName; digest: Digest; signal: AbortSignal },
): Promise<void> {
  if ((await client.resolve(repository, digest, { signal })) === undefined) return;
  await client.deleteManifest(repository, digest, { signal });
}

async function standing(
  client: RegistryClient,
  { repository, digest, signal }: QuarantinedImage,
  destination: RepositoryName | undefined,
): Promise<Standing> {
  const at = async (place: RepositoryName | undefined): Promise<boolean> =>
    place !== undefined && (await client.resolve(place, digest, { signal })) !== undefined;
  if (await at(destination)) return 'released';
  return (await at(repository)) ? 'waiting' : 'absent';
}
