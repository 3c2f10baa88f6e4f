import { digestOf } from '@pratique/contracts';
import { type Descriptor, mediaType } from '@pratique/oci';
import { entryPath, shown } from './entry-path.js';
import { notReadable } from './unscannable-error.js';

/** What a client makes of a layer. */
export type LayerKind =
  /** A tar archive, which is unpacked. With `savedAs`, some clients save it as a file of that name instead. */
  | { kind: 'archive'; savedAs: string | undefined }
  | { kind: 'file'; path: string }
  /** The specification's empty descriptor: the one layer of an artifact that has no content. */
  | { kind: 'empty-descriptor' };

const titleAnnotation = 'org.opencontainers.image.title';
/** ORAS packs a folder as an archive with its name as the title. https://oras.land/docs/compatible_oci_registries */
const unpackAnnotation = 'io.deis.oras.content.unpack';

const archiveType = /[./+]tar(?:[.+](?:gzip|gz|zstd))?$/i;
/** BuildKit's attestations: a statement in JSON. https://docs.docker.com/build/metadata/attestations/attestation-storage/ */
const statementType = 'application/vnd.in-toto+json';
const emptyObject = digestOf('{}');

/**
 * Tells how a layer is to be read. A runtime unpacks every layer of an image, whatever it is titled; an artifact's client
 * saves a layer under its title.
 *
 * @throws UnscannableError for what nobody here knows how to read
 */
export function layerKind(layer: Descriptor, { isImage }: { isImage: boolean }): LayerKind {
  if (isEmptyDescriptor(layer)) return { kind: 'empty-descriptor' };
  const { [titleAnnotation]: title, [unpackAnnotation]: unpack } = layer.annotations ?? {};
  if (layer.mediaType === statementType) return { kind: 'file', path: filePath(title ?? 'statement.json') };
  if (isImage) return archive(layer, title);
  if (title === undefined || unpack === 'true') return archive(layer, undefined);
  return { kind: 'file', path: filePath(title) };
}

/** The file as which a client saves a blob; undefined where its title does not say. */
export function savedAs({ annotations }: Descriptor): string | undefined {
  const title = annotations?.[titleAnnotation];
  return title === undefined ? undefined : filePath(title);
}

function isEmptyDescriptor({ mediaType: type, digest }: Descriptor): boolean {
  return type === mediaType.ociEmpty && digest === emptyObject;
}

function archive(layer: Descriptor, title: string | undefined): LayerKind {
  if (!archiveType.test(layer.mediaType)) {
    throw notReadable(`nothing is known of the type ${shown(layer.mediaType)}`);
  }
  return { kind: 'archive', savedAs: title === undefined ? undefined : filePath(title) };
}

function filePath(title: string): string {
  const path = entryPath(title);
  if (path === '' || title.endsWith('/')) throw notReadable(`the title "${shown(title)}" names no file`);
  return path;
}
