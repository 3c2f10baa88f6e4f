import type { Digest, Tag } from '@pratique/contracts';
import {
  type CopyEnd,
  cosignTags,
  isIndexType,
  OciError,
  onSide,
  supersedes,
  walkImage,
} from '@pratique/oci';

/** How many referrers are followed before they are taken for an attack or a fault. */
export interface ReferrerLimits {
  /** The signature of an SBOM of an image is two levels away from it. */
  depth: number;
  /** Manifests whose referrers are asked for. ACR answers some 250 such questions a minute. */
  subjects: number;
}

const defaultLimits: ReferrerLimits = { depth: 4, subjects: 250 };

export interface ReferrerQuestion {
  source: CopyEnd & { digest: Digest };
  target: CopyEnd;
  limits?: ReferrerLimits | undefined;
  signal?: AbortSignal | undefined;
}

/** Something that belongs to an image. cosign keeps its signatures under tags, everything else has none. */
export interface Referrer {
  digest: Digest;
  tag?: Tag;
}

type FoundReferrer = Referrer & { mediaType: string };

/**
 * What belongs to an image at the source and is not at the target: signatures, SBOMs and attestations of the root and of
 * every child of an index, and what refers to those in turn. What one refers to comes before it.
 *
 * @throws OciError with its side
 */
export async function missingReferrers(question: ReferrerQuestion): Promise<Referrer[]> {
  const { target, signal } = question;
  const missing: Referrer[] = [];
  for (const referrer of await onSide('source', () => collectReferrers(question))) {
    const { digest, tag } = referrer;
    const reference = tag ?? digest;
    const present = await onSide('target', () =>
      target.client.resolve(target.repository, reference, { signal }),
    );
    if (present?.digest === digest) continue;
    if (present === undefined || (await mayReplace(question, { ours: digest, theirs: present.digest })))
      missing.push(referrer);
  }
  return missing;
}

async function collectReferrers(question: ReferrerQuestion): Promise<Referrer[]> {
  const { limits = defaultLimits } = question;
  const found = new Map<Digest, Referrer>();
  let asked = 0;
  let subjects = await manifestsOf(question, question.source.digest);
  for (let depth = 1; subjects.length > 0; depth++) {
    asked += subjects.length;
    if (asked > limits.subjects) throw exceeded(`belong to more than ${limits.subjects} manifests`);
    const unseen = await unseenReferrers(question, subjects, found);
    if (depth > limits.depth && unseen.length > 0)
      throw exceeded(`are nested deeper than ${limits.depth} levels`);
    subjects = [];
    for (const { mediaType, digest } of unseen)
      subjects.push(...(isIndexType(mediaType) ? await manifestsOf(question, digest) : [digest]));
  }
  return [...found.values()];
}

/** What refers to some manifests and was not found before; adds it to what was found. */
async function unseenReferrers(
  question: ReferrerQuestion,
  subjects: readonly Digest[],
  found: Map<Digest, Referrer>,
): Promise<FoundReferrer[]> {
  const unseen: FoundReferrer[] = [];
  for (const subject of subjects) {
    for (const referrer of await referrersOf(question, subject)) {
      if (found.has(referrer.digest)) continue;
      const { digest, tag } = referrer;
      found.set(digest, { digest, ...(tag !== undefined && { tag }) });
      unseen.push(referrer);
    }
  }
  return unseen;
}

async function referrersOf({ source, signal }: ReferrerQuestion, subject: Digest): Promise<FoundReferrer[]> {
  const { client, repository } = source;
  const listed = await client.referrers(repository, subject, { signal });
  const found: FoundReferrer[] = listed.map(({ digest, mediaType }) => ({ digest, mediaType }));
  for (const tag of cosignTags(subject)) {
    const tagged = await client.resolve(repository, tag, { signal });
    if (tagged !== undefined) found.push({ digest: tagged.digest, mediaType: tagged.mediaType, tag });
  }
  return found;
}

async function manifestsOf({ source, signal }: ReferrerQuestion, digest: Digest): Promise<Digest[]> {
  const { client, repository } = source;
  const { manifests } = await walkImage(client, { repository, digest }, { signal });
  return manifests.map(({ descriptor }) => descriptor.digest);
}

/** Each signature is a layer. Those that somebody made at the target must not get lost under the tag of the source's. */
async function mayReplace(
  { source, target, signal }: ReferrerQuestion,
  { ours, theirs }: { ours: Digest; theirs: Digest },
): Promise<boolean> {
  const held = await onSide('source', () => source.client.manifest(source.repository, ours, { signal }));
  const there = await onSide('target', () => target.client.manifest(target.repository, theirs, { signal }));
  return supersedes(held.document, there.document);
}

function exceeded(how: string): OciError {
  return new OciError(`The image's referrers ${how}.`, {
    code: 'limit-exceeded',
    operation: 'list-referrers',
  });
}
