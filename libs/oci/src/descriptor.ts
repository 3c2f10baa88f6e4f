import { Digest } from '@pratique/contracts';
import { z } from 'zod';

/** No registry stores a blob of a pebibyte; above 2^53 a number would no longer be exact. */
const maxBlobBytes = 2 ** 50;

export const Platform = z.object({
  architecture: z.string().max(255),
  os: z.string().max(255),
  variant: z.string().max(255).optional(),
});
export type Platform = z.infer<typeof Platform>;

/**
 * What a manifest says about another manifest or a blob.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md
 */
export const Descriptor = z.object({
  mediaType: z.string().min(1).max(255),
  digest: Digest,
  /** Bytes. */
  size: z.int().nonnegative().max(maxBlobBytes),
  artifactType: z.string().max(255).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  platform: Platform.optional(),
  /** Places outside of the registry where the bytes are. Pratique never goes there. */
  urls: z.array(z.string()).optional(),
});
export type Descriptor = z.infer<typeof Descriptor>;
