import { attachStatement, buildStatement, bundleType, signStatement } from '@pratique/attestation';
import type { Digest, RepositoryName } from '@pratique/contracts';
import { type Descriptor, type ImageManifest, isIndex, type RegistryClient } from '@pratique/oci';
import type { SigningIdentity } from '../attestation/open-signer.js';
import { readImageConfig } from '../layers/image-config.js';
import { layerKind } from '../layers/layer-kind.js';
import { ByteBudget } from '../layers/layer-limits.js';
import { readLayer } from '../layers/read-layer.js';
import type { ScanLimits } from '../scan-limits.settings.js';
import { buildSbom, cycloneDxType } from './build-sbom.js';
import { PackageFiles } from './collect-package-files.js';

export interface SbomToAttach {
  client: RegistryClient;
  repository: RepositoryName;
  /** Host and repository under which the image is known. */
  name: string;
  image: Descriptor;
  identity: SigningIdentity;
  limits: ScanLimits;
  signal: AbortSignal;
}

/** What calls itself a list of parts, by whomever: where there is one, it is not ours to add another. */
const sbomTypes = /cyclonedx|spdx|syft/i;
const predicateAnnotation = 'dev.sigstore.bundle.predicateType';

/**
 * Attaches a signed SBOM to an image that has none. The image is read a second time, for the few files that say which packages it
 * has; only one that has passed, and so was read in full within its limits, is to be given.
 *
 * @returns the digest of the artifact; undefined where there is an SBOM already, or the image is none that is run
 * @throws AttestationError, OciError, UnscannableError
 */
export async function attachSbom(attaching: SbomToAttach): Promise<Digest | undefined> {
  const { client, repository, name, image, identity, signal } = attaching;
  const { document } = await client.manifest(repository, image.digest, { signal });
  if (isIndex(document) || (await hasSbom(attaching))) return undefined;
  const files = await readPackageFiles(document, attaching);
  if (files === undefined) return undefined;
  const { contents, leftOut } = files;
  const predicate = buildSbom({ name, digest: image.digest, files: contents, leftOut, at: new Date() });
  const statement = buildStatement({
    ...{ name, digests: [image.digest], predicateType: cycloneDxType, predicate },
  });
  const bundle = await signStatement(statement, identity.signer);
  return await attachStatement(client, {
    ...{ repository, subject: image, bundle, predicateType: cycloneDxType, signal },
  });
}

async function hasSbom({ client, repository, image, signal }: SbomToAttach): Promise<boolean> {
  const referrers = await client.referrers(repository, image.digest, { signal });
  return referrers.some(({ artifactType = '', annotations = {} }) =>
    sbomTypes.test(artifactType === bundleType ? (annotations[predicateAnnotation] ?? '') : artifactType),
  );
}

/** @returns undefined for an artifact, which has no packages */
async function readPackageFiles(
  { config, layers }: ImageManifest,
  { client, repository, limits, signal }: SbomToAttach,
): Promise<PackageFiles | undefined> {
  const bytes: Buffer[] = [];
  for await (const chunk of await client.blob(repository, config, { signal })) bytes.push(chunk as Buffer);
  const diffIds = readImageConfig(Buffer.concat(bytes), config.mediaType)?.rootfs.diff_ids;
  if (diffIds === undefined) return undefined;
  const files = new PackageFiles();
  const budget = ByteBudget.of(limits.image.unpackedBytes);
  for (const [index, layer] of layers.entries()) {
    if (layerKind(layer, { isImage: true }).kind !== 'archive') continue;
    const source = await client.blob(repository, layer, { signal });
    try {
      const visitor = files.nextLayer();
      await readLayer(source, { diffId: diffIds[index], limits: limits.layer, budget, visitor, signal });
    } finally {
      source.destroy();
    }
  }
  return files;
}
