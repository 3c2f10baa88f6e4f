import type { Digest, RepositoryName } from '@pratique/contracts';
import {
  buildArtifact,
  type BuiltImage,
  type Descriptor,
  readManifest,
  recordReferrer,
  type RegistryClient,
} from '@pratique/oci';
import { bundleType } from './sigstore-bundle.js';

export interface StatementToAttach {
  repository: RepositoryName;
  /** The image that it is about. */
  subject: Descriptor;
  bundle: Buffer;
  predicateType: string;
  signal?: AbortSignal | undefined;
}

/** The artifact that carries a bundle. The annotations let a reader choose without fetching; nobody has to believe them. */
export function statementArtifact({ subject, bundle, predicateType }: StatementToAttach): BuiltImage {
  return buildArtifact({
    artifactType: bundleType,
    fileMediaType: bundleType,
    files: { 'statement.sigstore.json': bundle },
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': predicateType,
    },
    subject,
  });
}

/**
 * Attaches a signed statement to an image as a referrer: by the API where the registry has it, else under the fallback tag.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests-with-subject
 *
 * @returns the digest of the artifact
 * @throws OciError
 */
export async function attachStatement(client: RegistryClient, statement: StatementToAttach): Promise<Digest> {
  const { repository, subject, signal } = statement;
  const artifact = statementArtifact(statement);
  for (const { descriptor, bytes } of artifact.blobs) {
    const present = await client.hasBlob(repository, descriptor.digest, { signal });
    if (!present) await client.uploadBlob(repository, descriptor, { source: bytes, signal });
  }
  for (const { descriptor, bytes } of artifact.manifests) {
    const { mediaType, digest } = descriptor;
    const put = await client.putManifest(repository, digest, { bytes, mediaType, signal });
    if (put.subjectProcessed) continue;
    const referrer = readManifest(bytes, mediaType, digest);
    await recordReferrer(client, { repository, subject: subject.digest, referrer, signal });
  }
  return artifact.root.digest;
}
