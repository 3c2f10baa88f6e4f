import type { Digest } from '@pratique/contracts';
import { z } from 'zod';
import { parsed } from './statement.js';

export const simpleSigningType = 'application/vnd.dev.cosign.simplesigning.v1+json';

const Payload = z.object({
  critical: z.object({
    type: z.literal('cosign container image signature'),
    image: z.record(z.string(), z.unknown()),
  }),
});

/**
 * Whether a payload names an image. Its `docker-reference` is what somebody claimed, and of no matter.
 * https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#payloads
 */
export function isPayloadOf(digest: Digest, payload: Buffer): boolean {
  const result = Payload.safeParse(parsed(payload));
  if (!result.success) return false;
  // Tools have written the name in two ways; whoever writes both must mean one image.
  const named = Object.entries(result.data.critical.image)
    .filter(([name]) => name.toLowerCase() === 'docker-manifest-digest')
    .map(([, value]) => value);
  return named.length > 0 && named.every((value) => value === digest);
}
