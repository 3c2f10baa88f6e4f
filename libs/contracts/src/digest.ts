import { createHash } from 'node:crypto';
import { z } from 'zod';

/**
 * A content digest, `algorithm:hex`.
 *
 * The image specification's grammar is open to algorithms that nobody has registered; a digest that Pratique cannot
 * recompute cannot be acted on, so only the two registered ones are accepted, and only in their canonical lower case.
 *
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests
 */
export const Digest = z
  .string()
  .regex(
    /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/,
    'is not a sha256 or sha512 digest in lower-case hex',
  )
  .brand<'Digest'>();
export type Digest = z.infer<typeof Digest>;

export type DigestAlgorithm = 'sha256' | 'sha512';

/** The algorithm part of a digest, under the name that `node:crypto` uses too. */
export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** The digest of some bytes. */
export function digestOf(bytes: Uint8Array | string, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return Digest.parse(`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`);
}
