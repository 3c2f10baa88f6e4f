import { type Digest, digestAlgorithm } from '@pratique/contracts';
import { z } from 'zod';

export const inTotoPayloadType = 'application/vnd.in-toto+json';

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md, and the version before it. */
const Statement = z.object({
  _type: z.enum(['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1']),
  subject: z
    .array(z.object({ digest: z.record(z.string(), z.string()) }))
    .min(1)
    .max(1000),
  predicateType: z.string().min(1),
  predicate: z.unknown(),
});
export type Statement = z.infer<typeof Statement>;

/** What a payload states of an image; undefined when it is no statement, or one about something else. */
export function statementAbout(digest: Digest, payload: Buffer): Statement | undefined {
  const result = Statement.safeParse(parsed(payload));
  if (!result.success) return undefined;
  const algorithm = digestAlgorithm(digest);
  const hex = digest.slice(algorithm.length + 1);
  return result.data.subject.some((subject) => subject.digest[algorithm] === hex) ? result.data : undefined;
}

/** JSON from outside; undefined when it is none. */
export function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
