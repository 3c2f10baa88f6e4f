import type { Attachment, Attachments } from '../attachments/attachments.js';
import { attestedBy, bundleIn, bundleType, envelopeType } from '../signatures/attested.js';
import { inTotoPayloadType, parsed, statementAbout } from '../signatures/statement.js';
import { type TrustedSigners } from '../signatures/trusted-signers.js';
import { readParsedSbom, readSbom, type SbomReading } from './read-sbom.js';

/** Media types under which tools attach one: ORAS, cosign, Syft, Trivy. */
const sbomTypes = [
  'application/vnd.cyclonedx+json',
  'application/spdx+json',
  'text/spdx+json',
  'application/vnd.cyclonedx',
];
/** As predicates; SPDX and CycloneDX add a version behind them. */
const predicates = ['https://cyclonedx.org/bom', 'https://spdx.dev/Document', 'https://cyclonedx.org/schema'];

/** One bill of materials, or why what claims to be one is none. */
export type FoundSbom = SbomReading & { signed: boolean };

/**
 * Every bill of materials that is attached to an image.
 *
 * @param signers whose word counts; without, anybody's does
 */
export async function findSboms(
  attachments: Attachments,
  { signers, maxBytes }: { signers: TrustedSigners | undefined; maxBytes: number },
): Promise<FoundSbom[]> {
  if (signers !== undefined) {
    const attested = await attestedBy(signers, attachments, { maxBytes });
    return attested
      .filter(({ statement }) => isSbomPredicate(statement.predicateType))
      .map(({ statement }) => ({ ...readParsedSbom(statement.predicate), signed: true }));
  }
  const plain = await attachments.read({ isWanted: (type) => isSbomType(type), tag: 'sbom', maxBytes });
  const wrapped = await attachments.read({
    isWanted: (type) => type === undefined || type.startsWith(bundleType),
    tag: 'att',
    maxBytes,
  });
  return [
    ...plain
      .filter(({ layer }) => isSbomType(layer.mediaType))
      .map(({ bytes }) => ({ ...readSbom(bytes), signed: false })),
    ...wrapped.flatMap((attachment) => statedIn(attachment, attachments)),
  ];
}

function isSbomType(type: string | undefined): boolean {
  return type !== undefined && sbomTypes.some((known) => type === known || type.startsWith(`${known};`));
}

export function isSbomPredicate(type: string): boolean {
  return predicates.some((known) => type === known || type.startsWith(`${known}/`));
}

/** What an envelope says without regard to who signed it. */
function statedIn(attachment: Attachment, { digest }: Attachments): FoundSbom[] {
  const isEnvelope = attachment.layer.mediaType === envelopeType;
  const envelope = isEnvelope
    ? parsed(attachment.bytes)
    : (bundleIn(attachment) as { dsseEnvelope?: unknown } | undefined)?.dsseEnvelope;
  const { payload, payloadType } = (envelope ?? {}) as { payload?: unknown; payloadType?: unknown };
  if (payloadType !== inTotoPayloadType || typeof payload !== 'string') return [];
  const statement = statementAbout(digest, Buffer.from(payload, 'base64'));
  if (statement === undefined || !isSbomPredicate(statement.predicateType)) return [];
  return [{ ...readParsedSbom(statement.predicate), signed: false }];
}
