import type { Digest, RepositoryName } from '@pratique/contracts';
import type { Descriptor } from './descriptor.js';
import { forEachLimited } from './for-each-limited.js';
import { blobsOf, childManifests, type ImageGraph, orderGraph } from './image-graph.js';
import type { Manifest } from './manifest.js';
import { OciError } from './oci-error.js';
import type { RegistryClient } from './registry-client.js';
import { defaultWalkLimits, type WalkLimits } from './walk-limits.js';

/** Manifests are small: a few at a time fill the connection without crowding out blobs. */
const concurrency = 4;

export interface WalkOptions {
  limits?: Partial<WalkLimits> | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Reads every manifest that a digest reaches: an index, its children, theirs. Nothing is left out: a child that is
 * missing, or is not what its descriptor says, fails the walk.
 *
 * @throws OciError `not-found`, `digest-mismatch`, `unsupported-manifest`, `limit-exceeded`
 */
export async function walkImage(
  client: RegistryClient,
  image: { repository: RepositoryName; digest: Digest },
  { limits, signal }: WalkOptions = {},
): Promise<ImageGraph> {
  const { repository, digest } = image;
  const root = await client.manifest(repository, digest, { signal });
  const budget = new WalkBudget({ ...defaultWalkLimits, ...limits });
  budget.take(root);
  const loaded = new Map<Digest, Manifest>([[digest, root]]);
  let level = [root];
  for (let depth = 2; level.length > 0; depth++) {
    const children = unseenChildren(level, loaded);
    budget.enter(depth, loaded.size, children);
    const next: Manifest[] = [];
    await forEachLimited(children, { concurrency, signal }, async (child, abort) => {
      const manifest = await client.manifest(repository, child.digest, { signal: abort });
      requireAsDescribed(manifest, child);
      budget.take(manifest);
      loaded.set(child.digest, manifest);
      next.push(manifest);
    });
    level = next;
  }
  return orderGraph(root, loaded);
}

function unseenChildren(level: readonly Manifest[], loaded: ReadonlyMap<Digest, Manifest>): Descriptor[] {
  const children = new Map(
    level.flatMap((parent) => childManifests(parent)).map((child) => [child.digest, child]),
  );
  return [...children.values()].filter(({ digest }) => !loaded.has(digest));
}

function requireAsDescribed(manifest: Manifest, said: Descriptor): void {
  const { size, mediaType } = manifest.descriptor;
  if (size === said.size && mediaType === said.mediaType) return;
  throw new OciError(
    `An index says that ${said.digest} is ${said.size} bytes of ${said.mediaType}; it is ${size} bytes of ${mediaType}.`,
    { code: 'unsupported-manifest', operation: 'walk-image' },
  );
}

/** Counts what a walk has used. Two manifests cannot name each other, for each digest would have to contain the other. */
class WalkBudget {
  private descriptors = 0;
  private manifestBytes = 0;
  private blobBytes = 0;

  constructor(private readonly limits: WalkLimits) {}

  /** Before a level is loaded. */
  enter(depth: number, seen: number, children: readonly Descriptor[]): void {
    if (children.length === 0) return;
    if (depth > this.limits.depth) this.exceeded(`is nested deeper than ${this.limits.depth} levels`);
    if (seen + children.length > this.limits.manifests) {
      this.exceeded(`has more than ${this.limits.manifests} manifests`);
    }
  }

  take(manifest: Manifest): void {
    const blobs = blobsOf(manifest);
    this.manifestBytes += manifest.bytes.length;
    this.descriptors += blobs.length + childManifests(manifest).length;
    this.blobBytes += blobs.reduce((sum, { size }) => sum + size, 0);
    if (this.manifestBytes > this.limits.manifestBytes) {
      this.exceeded(`has more than ${this.limits.manifestBytes} bytes of manifests`);
    }
    if (this.descriptors > this.limits.descriptors) {
      this.exceeded(`names more than ${this.limits.descriptors} parts`);
    }
    if (this.blobBytes > this.limits.blobBytes) this.exceeded(`has more than ${this.limits.blobBytes} bytes`);
  }

  private exceeded(how: string): never {
    throw new OciError(`The image ${how}.`, { code: 'limit-exceeded', operation: 'walk-image' });
  }
}
