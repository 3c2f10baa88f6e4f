import type { Digest, Tag } from '@pratique/contracts';
import { childManifests, type CopyEnd, onSide } from '@pratique/oci';
import { AcrImportError } from './acr-import-error.js';
import type { AcrImporter, ImportSource } from './acr-importer.js';
import { missingReferrers, type Referrer, type ReferrerLimits } from './missing-referrers.js';

export interface ImageImport {
  importer: AcrImporter;
  /** By digest: whoever plans the import has resolved the tag. */
  source: CopyEnd & { digest: Digest; import: ImportSource };
  target: CopyEnd & { tag: Tag };
  /** Signatures, SBOMs and attestations too. */
  referrers?: boolean;
  limits?: ReferrerLimits;
  signal?: AbortSignal | undefined;
}

export interface ImportReport {
  /** Imports that the registry carried out; 0 when all was there. */
  imports: number;
  /** Signatures, SBOMs and the like that were imported. */
  referrers: number;
}

// Unbounded imports are quick but throttled (https://github.com/dotnet/docker-tools/pull/2141).
const referrersAtOnce = 4;

/**
 * Imports an image with what belongs to it. importImage leaves referrers behind
 * (https://github.com/dotnet/docker-tools/issues/1999), so each is an import of its own.
 *
 * The tag comes last: whoever pulls by tag finds the signatures. What the target has is not imported again. The result
 * is not verified here.
 *
 * @throws AcrImportError, OciError with its side, or the signal's reason
 */
export async function importImage(request: ImageImport): Promise<ImportReport> {
  const { source, target, referrers = false, signal } = request;
  const missing = referrers ? await missingReferrers(request) : [];
  const report = { imports: 0, referrers: missing.length };
  const digestAt = async (reference: Tag | Digest): Promise<Digest | undefined> => {
    const found = await onSide('target', () =>
      target.client.resolve(target.repository, reference, { signal }),
    );
    return found?.digest;
  };
  if (missing.length > 0 && (await digestAt(source.digest)) === undefined) {
    await requireFewManifests(request);
    await importOne(request, { digest: source.digest });
    report.imports += 1;
  }
  for (let at = 0; at < missing.length; at += referrersAtOnce) {
    const some = missing.slice(at, at + referrersAtOnce);
    await Promise.all(some.map((referrer) => importOne(request, referrer)));
    report.imports += some.length;
  }
  if ((await digestAt(target.tag)) === source.digest) return report;
  await requireFewManifests(request);
  await importOne(request, { digest: source.digest, tag: target.tag });
  return { ...report, imports: report.imports + 1 };
}

/** https://learn.microsoft.com/azure/container-registry/container-registry-import-images#limitations */
const maxManifests = 50;

/** Azure would find out by itself, after minutes. */
async function requireFewManifests({ source, signal }: ImageImport): Promise<void> {
  const { client, repository, digest } = source;
  const root = await onSide('source', () => client.manifest(repository, digest, { signal }));
  if (childManifests(root).length < maxManifests) return;
  throw new AcrImportError(
    `The image has more than ${maxManifests} manifests, which no registry of Azure imports.`,
    {
      code: 'not-importable',
    },
  );
}

async function importOne(
  { importer, source, target, signal }: ImageImport,
  { digest, tag }: Referrer,
): Promise<void> {
  const { repository } = target;
  await importer.import({
    source: source.import,
    repository: source.repository,
    digest,
    ...(tag === undefined ? { untagged: [repository] } : { targets: [{ repository, tag }] }),
    signal,
  });
}
