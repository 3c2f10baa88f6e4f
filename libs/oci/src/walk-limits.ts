/** How much of a graph is followed before it is taken for an attack or a fault. */
export interface WalkLimits {
  /** Indexes within indexes; an image alone has depth 1. */
  depth: number;
  /** Manifests reached, each counted once. */
  manifests: number;
  /** Descriptors named by all manifests together. */
  descriptors: number;
  /** Bytes of all manifests together: they are held in memory. */
  manifestBytes: number;
  /** Bytes of all blobs together, by what the descriptors say. */
  blobBytes: number;
}

/** BuildKit nests two levels; the largest official indexes name some fifty manifests. */
export const defaultWalkLimits: WalkLimits = {
  depth: 8,
  manifests: 512,
  descriptors: 20_000,
  manifestBytes: 64 * 1024 * 1024,
  blobBytes: 2 ** 40,
};
