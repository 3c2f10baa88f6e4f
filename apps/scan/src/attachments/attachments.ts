import { type Digest, digestOf, type RepositoryName, Tag } from '@pratique/contracts';
import {
  type Descriptor,
  fallbackTag,
  type ImageManifest,
  isIndex,
  type ManifestDocument,
  OciError,
  type OciErrorCode,
  readBounded,
  type RegistryClient,
} from '@pratique/oci';

/** One blob that somebody has attached to an image: whatever it says is that somebody's claim. */
export interface Attachment {
  /** Of the manifest that names it. */
  manifest: Digest;
  /** What the manifest says that it is. */
  artifactType: string | undefined;
  layer: Descriptor;
  bytes: Buffer;
}

export interface AttachmentsOf {
  client: RegistryClient;
  repository: RepositoryName;
  /** Of the image that they are about. */
  digest: Digest;
  signal: AbortSignal;
}

export interface AttachmentWish {
  /** Which of the referrers, by the type that their descriptors give; undefined where a registry gives none. */
  isWanted: (artifactType: string | undefined) => boolean;
  /** And which of cosign's tags. */
  tag?: 'sig' | 'att' | 'sbom';
  /** Layers that are larger are left out. */
  maxBytes: number;
}

/** Anybody who may push may attach, so that there may be any number; these are looked at, in the registry's order. */
export const maxAttachments = 50;

/**
 * What is attached to an image: its referrers, and what cosign keeps under tags. What cannot be read, is too large or is not
 * what it says is as good as not there, since anybody may attach it; where the registry fails, that is not so.
 */
export class Attachments {
  private listed: Promise<Descriptor[]> | undefined;

  constructor(private readonly of: AttachmentsOf) {}

  /** Of the image that they are about. */
  get digest(): Digest {
    return this.of.digest;
  }

  /** @throws OciError when the registry fails, the signal's reason when aborted */
  async read(wish: AttachmentWish): Promise<Attachment[]> {
    const { client, repository, digest, signal } = this.of;
    this.listed ??= client.referrers(repository, digest, { signal });
    const wanted = (await this.listed).filter(({ artifactType }) => wish.isWanted(artifactType));
    const found: Attachment[] = [];
    for (const referrer of wanted.slice(0, maxAttachments)) {
      const document = await this.manifest(referrer.digest);
      if (document === undefined || !refersTo(document, digest)) continue;
      found.push(...(await this.layersOf(document, referrer.digest, wish)));
    }
    if (wish.tag !== undefined) found.push(...(await this.tagged(wish.tag, wish)));
    return found.slice(0, maxAttachments);
  }

  private async tagged(suffix: string, wish: AttachmentWish): Promise<Attachment[]> {
    const document = await this.manifest(Tag.parse(`${fallbackTag(this.of.digest)}.${suffix}`));
    // A tag says nothing about its subject: what it holds has to name the image itself.
    return document === undefined ? [] : await this.layersOf(document, this.of.digest, wish);
  }

  private async manifest(reference: Digest | Tag): Promise<ManifestDocument | undefined> {
    const { client, repository, signal } = this.of;
    return await unlessUnreadable(
      async () => (await client.manifest(repository, reference, { signal })).document,
    );
  }

  private async layersOf(
    document: ManifestDocument,
    manifest: Digest,
    { maxBytes }: AttachmentWish,
  ): Promise<Attachment[]> {
    if (isIndex(document)) return [];
    const found: Attachment[] = [];
    for (const layer of document.layers.slice(0, maxAttachments)) {
      if (layer.size > maxBytes) continue;
      const bytes = await unlessUnreadable(() => this.blob(layer, maxBytes));
      if (bytes !== undefined) found.push({ manifest, artifactType: typeOf(document), layer, bytes });
    }
    return found;
  }

  private async blob(layer: Descriptor, maxBytes: number): Promise<Buffer> {
    const { client, repository, signal } = this.of;
    const bytes = await readBounded(await client.blob(repository, layer, { signal }), {
      maxBytes,
      operation: 'read-attachment',
    });
    if (digestOf(bytes, layer.digest.startsWith('sha512:') ? 'sha512' : 'sha256') === layer.digest)
      return bytes;
    throw new OciError('An attachment is not what its digest says.', {
      code: 'digest-mismatch',
      operation: 'read-attachment',
    });
  }
}

function typeOf(document: ImageManifest): string | undefined {
  return document.artifactType ?? document.config.mediaType;
}

/** The registry lists it; the manifest itself has to say so. */
function refersTo(document: ManifestDocument, digest: Digest): boolean {
  return document.subject?.digest === digest;
}

/** What tells something of the attachment, and not of the registry or of who asked it. */
const asGoodAsNone: readonly OciErrorCode[] = [
  'digest-mismatch',
  'image-not-copyable',
  'limit-exceeded',
  'not-found',
  'unsupported-manifest',
];

async function unlessUnreadable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof OciError && asGoodAsNone.includes(error.code)) return undefined;
    throw error;
  }
}
