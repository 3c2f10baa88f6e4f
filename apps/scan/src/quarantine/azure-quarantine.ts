import type { AcrQuarantine } from '@pratique/acr';
import {
  mayRelease,
  type Quarantine,
  type QuarantinedImage,
  type QuarantineDecision,
  type QuarantineResult,
  type Standing,
} from './quarantine.js';

type QuarantineStates = Pick<AcrQuarantine, 'release' | 'retain' | 'state'>;
type VerdictDetails = Parameters<AcrQuarantine['release']>[2]['details'];

// Azure's schema bounds the description.
const maxDescription = 1024;
const standings = { passed: 'released', failed: 'refused', pending: 'waiting' } as const;

/** The quarantine of an Azure container registry: a state of each manifest. */
export function azureQuarantine(states: QuarantineStates): Quarantine {
  return {
    announcedBy: 'quarantined',
    destination: (repository) => repository,
    decide: (decision) => decide(states, decision),
    admit: async ({ repository, digest, signal }) => {
      await states.release(repository, digest, { details: { state: 'attached by pratique' }, signal });
    },
    standing: (image) => standing(states, image),
  };
}

/**
 * Each manifest has a state of its own. The image itself is last: while a child is closed, so is what names it, and a
 * crash in between leaves it closed. Where the image does not pass, children that do are left to their own events, for
 * nothing of a refused image is to be opened on its account.
 */
async function decide(states: QuarantineStates, decision: QuarantineDecision): Promise<QuarantineResult> {
  const { repository, verdict, manifests, signal } = decision;
  // A check that broke has no opinion, so nothing is said about the image.
  if (verdict.status === 'error') return 'retained';
  const opens = mayRelease(decision);
  const change = { details: detailsOf(decision), signal };
  for (const [digest, { status }] of manifests) {
    if (!opens && status === 'passed') continue;
    const result = opens
      ? await states.release(repository, digest, change)
      : await states.retain(repository, digest, change);
    if (result === 'gone') return 'gone';
  }
  return opens ? 'released' : 'retained';
}

async function standing(
  states: QuarantineStates,
  { repository, digest, signal }: QuarantinedImage,
): Promise<Standing> {
  const state = await states.state(repository, digest, { signal });
  return state === undefined ? 'absent' : standings[state.verdict];
}

function detailsOf({ verdict, message }: QuarantineDecision): VerdictDetails {
  return {
    state: `scan ${verdict.status}`,
    result: { version: '1', summary: [], description: message.slice(0, maxDescription).toWellFormed() },
  };
}
