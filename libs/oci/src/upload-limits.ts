export interface UploadLimits {
  /**
   * Bytes up to which a blob goes in one PUT. Larger ones go in chunks. GHCR corrupts chunked uploads and Google does
   * not support them, so the default is one PUT for everything; ACR has answered 413 above some 20 MB
   * (https://github.com/goharbor/harbor/pull/23016).
   */
  monolithicBytes: number;
  /** Bytes of one chunk. */
  chunkBytes: number;
}

export const defaultUploadLimits: UploadLimits = {
  monolithicBytes: Number.POSITIVE_INFINITY,
  chunkBytes: 8 * 1024 * 1024,
};

/** A registry, or a proxy before it, that refuses even this takes no image. */
const smallestChunk = 1024 * 1024;

/** How large a body one registry takes; learns from its refusals, for as long as the client lives. */
export class UploadSizes {
  private limits: UploadLimits;

  constructor(limits: Partial<UploadLimits> = {}) {
    this.limits = { ...defaultUploadLimits, ...limits };
  }

  /**
   * Bytes of each body in which a blob is sent: its own size, or that of a chunk.
   *
   * @param atLeast bytes that the registry wants in a chunk
   */
  bodyBytes(size: number, atLeast = 0): number {
    if (size <= this.limits.monolithicBytes) return size;
    return Math.min(size, Math.max(this.limits.chunkBytes, atLeast));
  }

  /**
   * The registry answered 413 to a body of so many bytes: the next are half as large.
   *
   * @returns false when they cannot be smaller
   */
  refused(bytes: number): boolean {
    const half = Math.floor(bytes / 2);
    if (half < smallestChunk) return false;
    const { monolithicBytes, chunkBytes } = this.limits;
    this.limits = {
      monolithicBytes: Math.min(monolithicBytes, half),
      chunkBytes: Math.min(chunkBytes, half),
    };
    return true;
  }
}
