import { digestOf } from '@pratique/contracts';
import type { Descriptor } from './descriptor.js';

/** Some bytes and how a manifest names them. */
export interface DescribedBytes {
  descriptor: Descriptor;
  bytes: Buffer;
}

/** An image or artifact in memory, as it would lie in a registry. */
export interface BuiltImage {
  root: Descriptor;
  /** Children before the manifests that name them; the root is last. */
  manifests: DescribedBytes[];
  /** Each once. */
  blobs: DescribedBytes[];
}

/** Names some bytes. */
export function describeBytes(bytes: Buffer, mediaType: string): DescribedBytes {
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}

/** A document as bytes; the same document gives the same bytes. */
export function describeJson(document: object, mediaType: string): DescribedBytes {
  return describeBytes(Buffer.from(JSON.stringify(document)), mediaType);
}

/** Each blob once: equal files of an artifact are one blob. */
export function uniqueBytes(parts: readonly DescribedBytes[]): DescribedBytes[] {
  return [...new Map(parts.map((part) => [part.descriptor.digest, part])).values()];
}
