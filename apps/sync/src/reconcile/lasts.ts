import type { Digest } from '@pratique/contracts';
import { OciError } from '@pratique/oci';
import { digestAt } from '../move.js';
import { type CompareOptions, connectionOf } from './compare-repository.js';
import { forEachAtMost } from './for-each-at-most.js';
import type { Finding } from './reconciled-event.js';

/** Requests at the same time. */
const atOnce = 8;

/** Which differences are still what they were: the others were events on their way. */
export async function lasts(findings: readonly Finding[], options: CompareOptions): Promise<Finding[]> {
  const lasting: Finding[] = [];
  await forEachAtMost(findings, atOnce, async (finding) => {
    if (await isAsItWas(finding, options)) lasting.push(finding);
  });
  return lasting;
}

async function isAsItWas(finding: Finding, options: CompareOptions): Promise<boolean> {
  try {
    const [source, target] = [await look(finding, 'source', options), await look(finding, 'target', options)];
    // The target's listing told no digest, where it was not asked for one.
    const targetStays = finding.state === 'left-over' ? target !== undefined : target === finding.target;
    return source === finding.source && targetStays;
  } catch (error) {
    // It is told now and looked at when it is acted on: better than not to be told.
    if (error instanceof OciError && !options.signal.aborted) return true;
    throw error;
  }
}

async function look(
  { copy }: Finding,
  side: 'source' | 'target',
  options: CompareOptions,
): Promise<Digest | undefined> {
  const { registry, repository, tag: reference } = copy[side];
  await options.pace.turn(options.signal);
  const connection = connectionOf(options, registry);
  return await digestAt(connection, { repository, reference }, { side, signal: options.signal });
}
