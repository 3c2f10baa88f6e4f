import type { AcrQuarantine } from '@pratique/acr';
import type { Digest, RepositoryName, Tag } from '@pratique/contracts';
import { listRepositories, type RegistryClient } from '@pratique/oci';
import type { Quarantine, Standing } from './quarantine.js';

/** One manifest of a registry with a quarantine, and how it stands. */
export interface StandingImage {
  repository: RepositoryName;
  digest: Digest;
  /** One of its tags, where it has any. */
  tag: Tag | undefined;
  standing: Standing;
}

export interface StandingsOf {
  client: RegistryClient;
  quarantine: Quarantine;
  /** Where the registry itself lists the states. */
  states: Pick<AcrQuarantine, 'list'> | undefined;
  signal: AbortSignal;
}

const standings = { passed: 'released', failed: 'refused', pending: 'waiting' } as const;

/**
 * How everything stands that may be in quarantine: all manifests of a registry that keeps states, and what the tags of a
 * staging area name.
 *
 * @throws OciError, the signal's reason
 */
export async function* listStandings({
  client,
  quarantine,
  states,
  signal,
}: StandingsOf): AsyncGenerator<StandingImage> {
  for await (const repository of listRepositories(client, { signal })) {
    if (quarantine.destination(repository) === undefined) continue;
    if (states === undefined) {
      yield* listStaged({ client, quarantine, repository, signal });
      continue;
    }
    for await (const { digest, tags, verdict } of states.list(repository, { signal })) {
      yield { repository, digest, tag: tags[0], standing: standings[verdict] };
    }
  }
}

async function* listStaged({
  client,
  quarantine,
  repository,
  signal,
}: Pick<StandingsOf, 'client' | 'quarantine' | 'signal'> & {
  repository: RepositoryName;
}): AsyncGenerator<StandingImage> {
  for await (const tag of client.tags(repository, { signal })) {
    const found = await client.resolve(repository, tag, { signal });
    if (found === undefined) continue;
    const { digest } = found;
    const standing = await quarantine.standing({ repository, digest, signal });
    yield { repository, digest, tag, standing };
  }
}
