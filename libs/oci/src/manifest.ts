import { type Digest, digestAlgorithm, digestOf } from '@pratique/contracts';
import { z } from 'zod';
import { misspeltField } from './ambiguous-fields.js';
import { Descriptor } from './descriptor.js';
import { bareMediaType, isIndexType, isManifestType } from './media-types.js';
import { OciError } from './oci-error.js';
import { hasRepeatedKeys } from './repeated-keys.js';

/** What every registry must accept, and more than any honest manifest needs. */
export const maxManifestBytes = 4 * 1024 * 1024;

const documentFields = {
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().max(255).optional(),
  subject: Descriptor.optional(),
  annotations: z.record(z.string(), z.string()).optional(),
};

/** One image or artifact: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md */
export const ImageManifest = z.object({
  ...documentFields,
  config: Descriptor,
  layers: z.array(Descriptor),
});
export type ImageManifest = z.infer<typeof ImageManifest>;

/** A list of manifests, usually one per platform: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md */
export const ImageIndex = z.object({ ...documentFields, manifests: z.array(Descriptor) });
export type ImageIndex = z.infer<typeof ImageIndex>;

export type ManifestDocument = ImageManifest | ImageIndex;

export interface Manifest {
  /** With the media type under which the registry serves the manifest. */
  descriptor: Descriptor;
  /** Exactly as stored. Written again as JSON they would have another digest. */
  bytes: Buffer;
  document: ManifestDocument;
}

export function isIndex(document: ManifestDocument): document is ImageIndex {
  return 'manifests' in document;
}

/**
 * Reads a manifest whose digest was checked.
 *
 * A document that could be read both as an index and as an image is refused: two readers would see two different
 * things under one digest (CVE-2021-41190, https://github.com/opencontainers/image-spec/security/advisories).
 *
 * @param contentType as the registry sent it; where it is generic, the document's own type counts
 * @param digest under which the bytes were asked for and checked
 * @throws OciError `unsupported-manifest`
 */
export function readManifest(
  bytes: Buffer,
  contentType: string | undefined,
  digest = digestOf(bytes),
): Manifest {
  const json = parseJson(bytes);
  const type = typeOf(json, contentType);
  if (!isManifestType(type)) throw unsupported(`is of type ${type}, which is not copied or scanned`);
  requireOneMeaning(json, type);
  const schema = isIndexType(type) ? ImageIndex : ImageManifest;
  const document = schema.safeParse(json);
  if (!document.success) throw unsupported(`is not a valid ${type}: ${z.prettifyError(document.error)}`);
  return { descriptor: { mediaType: type, digest, size: bytes.length }, bytes, document: document.data };
}

/** Refuses bytes that are not those which a descriptor names. */
export function requireSameBytes(bytes: Buffer, expected: { digest: Digest; size?: number }): void {
  const actual = digestOf(bytes, digestAlgorithm(expected.digest));
  if (actual === expected.digest && (expected.size ?? bytes.length) === bytes.length) return;
  throw new OciError(
    `The registry sent ${bytes.length} bytes with digest ${actual} where ${expected.digest} was asked for; nothing was used.`,
    { code: 'digest-mismatch', operation: 'get-manifest' },
  );
}

function parseJson(bytes: Buffer): object {
  let json: unknown;
  const text = bytes.toString('utf8');
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw unsupported('is not JSON', error);
  }
  if (hasRepeatedKeys(text, json))
    throw unsupported('has a field twice, which clients read in different ways');
  if (typeof json === 'object' && json !== null) return json;
  throw unsupported('is not a JSON object');
}

function requireOneMeaning(json: object, type: string): void {
  const misspelt = misspeltField(json);
  if (misspelt !== undefined) {
    throw unsupported(`has a field "${misspelt}", which clients read in different ways`);
  }
  const foreign = isIndexType(type) ? ['config', 'layers'] : ['manifests'];
  if (foreign.some((name) => name in json)) throw unsupported('is an index and an image at the same time');
}

/** What the document calls itself, else how it is served. */
function typeOf(json: object, contentType: string | undefined): string {
  const served = bareMediaType(contentType ?? '');
  const own = ownType(json);
  // Registries that do not know a type serve it as application/json or octet-stream, which says nothing.
  if (own !== '' && served.startsWith('application/vnd.') && own !== served) {
    throw unsupported(`is served as ${served} but calls itself ${own}`);
  }
  return own || served || 'unknown';
}

function ownType(json: object): string {
  return 'mediaType' in json && typeof json.mediaType === 'string' ? bareMediaType(json.mediaType) : '';
}

function unsupported(what: string, cause?: unknown): OciError {
  return new OciError(`The manifest ${what}.`, {
    code: 'unsupported-manifest',
    operation: 'get-manifest',
    cause,
  });
}
