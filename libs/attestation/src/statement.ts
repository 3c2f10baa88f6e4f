import { type Digest, digestAlgorithm } from '@pratique/contracts';
import { z } from 'zod';

export const inTotoPayloadType = 'application/vnd.in-toto+json';

/** What a statement is about: content, by its digests. */
const Subject = z.looseObject({
  name: z.string().max(1024).optional(),
  digest: z.record(z.string(), z.string().max(256)),
});

/** A claim about images. https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/statement.md */
export const Statement = z.looseObject({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  subject: z.array(Subject).min(1).max(10_000),
  predicateType: z.string().min(1).max(1024),
  predicate: z.unknown(),
});
export type Statement = z.infer<typeof Statement>;

export interface StatementInput {
  /** Where the image is, without tag and digest: `contoso.azurecr.io/team/app`. */
  name: string;
  /** The image first, then what it consists of and the claim holds for too. */
  digests: readonly [Digest, ...Digest[]];
  predicateType: string;
  predicate: unknown;
}

export function buildStatement({ name, digests, predicateType, predicate }: StatementInput): Statement {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: digests.map((digest) => ({ name, digest: { [digestAlgorithm(digest)]: hexOf(digest) } })),
    predicateType,
    predicate,
  };
}

/** Whether a statement says something of an image. Names are not looked at: an image may be moved. */
export function isAbout(statement: Statement, digest: Digest): boolean {
  const algorithm = digestAlgorithm(digest);
  return statement.subject.some((subject) => subject.digest[algorithm] === hexOf(digest));
}

/** Everything that a statement says something of. */
export function digestsOf(statement: Statement): string[] {
  return statement.subject.flatMap(({ digest }) =>
    Object.entries(digest).map(([algorithm, hex]) => `${algorithm}:${hex}`),
  );
}

function hexOf(digest: Digest): string {
  return digest.slice(digestAlgorithm(digest).length + 1);
}
