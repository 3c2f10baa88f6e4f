import { findStatements, isOwnArtifact, verdictIn, verdictType } from '@pratique/attestation';
import { type Digest, type OutcomeImage, type RegistryEvent } from '@pratique/contracts';
import { OciError } from '@pratique/oci';
import type { RegistryConnection } from '@pratique/registry-access';
import type { SigningIdentity } from '../attestation/open-signer.js';
import { isReferrersTag } from '../referrers-list.js';
import { rescanEvent } from '../rescan/rescan-event.js';
import { listStandings, type StandingImage } from './list-standings.js';
import type { Quarantine } from './quarantine.js';

export interface QuarantineToReconcile {
  connection: RegistryConnection;
  quarantine: Quarantine;
  /** Who signs our verdicts; without it, who has released an image cannot be known. */
  identity: SigningIdentity | undefined;
  /** What was found to be ours in earlier runs: a verdict that is signed stays so. */
  explained: Set<Digest>;
  /** Of this run; workers that run at the same time have the same. */
  reason: string;
  at: Date;
  signal: AbortSignal;
}

export type QuarantineFinding =
  /** Nobody has looked at it: its event was lost. */
  | { found: 'waiting'; image: OutcomeImage; event: RegistryEvent }
  /** Somebody else has let it through. */
  | { found: 'bypassed'; image: OutcomeImage; why: string };

// A set of digests in memory; beyond it, images are looked at again.
const maxExplained = 200_000;

/**
 * Compares how a registry's images stand with what we have signed: what waits without a verdict, for its event may have been
 * lost; and what was released although no verdict of ours says so, for others may have the right to.
 *
 * @throws OciError, AttestationError, the signal's reason
 */
export async function* reconcileQuarantine(
  reconciling: QuarantineToReconcile,
): AsyncGenerator<QuarantineFinding> {
  const { connection, quarantine, signal } = reconciling;
  const { client, quarantine: states } = connection;
  for await (const image of listStandings({ client, quarantine, states, signal })) {
    const finding = await judge(image, reconciling);
    if (finding !== undefined) yield finding;
  }
}

async function judge(
  image: StandingImage,
  reconciling: QuarantineToReconcile,
): Promise<QuarantineFinding | undefined> {
  const { identity, explained } = reconciling;
  if (explained.has(image.digest) || (image.tag && isReferrersTag(image.tag))) return undefined;
  if (image.standing === 'waiting') return await judgeWaiting(image, reconciling);
  if (image.standing === 'absent' || identity === undefined) return undefined;
  if (image.standing === 'refused') {
    // Refused by somebody else: our own verdict is still to come.
    const ours = (await verdictOf(image, { ...reconciling, identity })) !== undefined;
    return ours ? undefined : await judgeWaiting(image, reconciling);
  }
  const why = await objection(image, { ...reconciling, identity });
  if (why !== undefined) return { found: 'bypassed', image: placeOf(image, reconciling), why };
  if (explained.size < maxExplained) explained.add(image.digest);
  return undefined;
}

/** In a staging area, what was refused waits as well; what we have refused is not scanned for ever. */
async function judgeWaiting(
  image: StandingImage,
  reconciling: QuarantineToReconcile,
): Promise<QuarantineFinding | undefined> {
  const { connection, quarantine, identity, reason, at } = reconciling;
  const staged = quarantine.announcedBy === 'pushed';
  if (staged && identity && (await verdictOf(image, { ...reconciling, identity })) !== undefined) {
    return undefined;
  }
  const { registry, repository } = placeOf(image, reconciling);
  const { digest, tag } = image;
  const event = rescanEvent({
    ...{ registry, repository, digest, tag, announcedBy: quarantine.announcedBy, reason, at },
  });
  return { found: 'waiting', image: { registry: connection.settings.name, repository, digest }, event };
}

type Signed = QuarantineToReconcile & { identity: SigningIdentity };

/** Why an image should not be released, as far as we know; undefined for what we have let through or attached. */
async function objection(image: StandingImage, reconciling: Signed): Promise<string | undefined> {
  const status = await verdictOf(image, reconciling);
  if (status === 'passed') return undefined;
  if (status !== undefined) return `the newest verdict that we have signed is ${status}.`;
  return (await isAttachedByUs(image, reconciling))
    ? undefined
    : 'no verdict that we have signed is attached to it.';
}

async function verdictOf(image: StandingImage, reconciling: Signed): Promise<string | undefined> {
  const { connection, identity, signal } = reconciling;
  const { repository, digest: subject } = image;
  const keys = await identity.ownKeys();
  const question = { repository, subject, predicateType: verdictType, keys, signal };
  const { signed } = await findStatements(connection.client, question);
  return signed
    .flatMap(({ statement }) => verdictIn(statement)?.pratique ?? [])
    .toSorted((a, b) => Date.parse(b.decidedAt) - Date.parse(a.decidedAt))[0]?.status;
}

async function isAttachedByUs(image: StandingImage, reconciling: Signed): Promise<boolean> {
  const { client } = reconciling.connection;
  const { signal, identity } = reconciling;
  const { repository, digest } = image;
  try {
    const manifest = await client.manifest(repository, digest, { signal });
    return await isOwnArtifact(client, { repository, manifest, keys: await identity.ownKeys(), signal });
  } catch (error) {
    // Deleted meanwhile, or something that is no image: not ours in any case.
    if (error instanceof OciError && !error.retryable) return false;
    throw error;
  }
}

function placeOf(
  { repository, digest, tag }: StandingImage,
  { connection }: QuarantineToReconcile,
): OutcomeImage {
  return { registry: connection.settings.name, repository, digest, ...(tag && { tag }) };
}
