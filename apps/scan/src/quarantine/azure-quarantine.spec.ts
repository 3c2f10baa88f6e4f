import type { QuarantineChange } from '@pratique/acr';
import { type Digest, digestOf, RepositoryName } from '@pratique/contracts';
import type { Verdict } from '../verdict.js';
import { azureQuarantine } from './azure-quarantine.js';
import type { QuarantineResult } from './quarantine.js';

const repository = RepositoryName.parse('team/app');
const [child, other, index] = [digestOf('child'), digestOf('other'), digestOf('index')];
const passed: Verdict = { status: 'passed' };
const failed: Verdict = { status: 'failed' };
const broken: Verdict = { status: 'error', reason: 'check-crashed', message: 'It broke.', retryable: false };
const unscannable: Verdict = { status: 'unscannable', reason: 'not-readable', message: 'It is damaged.' };

describe('scan/quarantine/azure-quarantine', () => {
  it('releases children first and the image last', async () => {
    const { result, done } = await decide(passed, [passed, passed]);

    expect(result).toBe('released');
    expect(done).toEqual([`release ${child}`, `release ${other}`, `release ${index}`]);
  });

  it('marks what failed and what names it, and opens nothing', async () => {
    const { result, done } = await decide(failed, [passed, failed]);

    expect(result).toBe('retained');
    expect(done).toEqual([`retain ${other}`, `retain ${index}`]);
  });

  it('says nothing in the registry about an image that has no verdict', async () => {
    expect(await decide(broken, [passed, failed])).toEqual({ result: 'retained', done: [] });
  });

  it('does not release the image when a part of it is gone', async () => {
    const { result, done } = await decide(passed, [passed, passed], { [other]: 'gone' });

    expect(result).toBe('gone');
    expect(done).toEqual([`release ${child}`, `release ${other}`]);
  });

  it('says why in a description that the registry takes', async () => {
    const { details } = await decide(passed, [], {}, 'x'.repeat(5000));

    expect(details).toMatchObject({ state: 'scan passed', result: { description: 'x'.repeat(1024) } });
  });

  it('releases nothing on a verdict of something else', async () => {
    const done: string[] = [];
    const manifests = new Map([[other, passed]]);

    const result = await azureQuarantine(states(done)).decide({
      ...{ repository, digest: index, verdict: passed, manifests, message: 'Why.' },
      signal: new AbortController().signal,
    });

    expect({ result, done }).toEqual({ result: 'retained', done: [] });
  });

  it('releases only where everything has passed, of all verdicts that there can be', async () => {
    const all = [passed, failed, broken, unscannable];
    for (const root of all)
      for (const first of all)
        for (const second of all) {
          const { result, done } = await decide(root, [first, second]);
          const clean = [root, first, second].every(({ status }) => status === 'passed');
          expect(done.some((act) => act.startsWith('release'))).toBe(clean);
          expect(result).toBe(clean ? 'released' : 'retained');
        }
  });
});

async function decide(
  verdict: Verdict,
  children: Verdict[],
  ...[answers = {}, message = 'Why.']: [Record<Digest, QuarantineChange>?, string?]
): Promise<{ result: QuarantineResult; done: string[]; details?: object }> {
  const done: string[] = [];
  const told: object[] = [];
  const manifests = new Map(
    [...[child, other].slice(0, children.length), index].map((digest, at) => [
      digest,
      children[at] ?? verdict,
    ]),
  );
  const result = await azureQuarantine(states(done, { answers, told })).decide({
    ...{ repository, digest: index, verdict, manifests, message },
    signal: new AbortController().signal,
  });
  const details = told.at(-1);
  return { result, done, ...(details && { details }) };
}

function states(
  done: string[],
  { answers = {}, told = [] }: { answers?: Record<Digest, QuarantineChange>; told?: object[] } = {},
): Parameters<typeof azureQuarantine>[0] {
  const act =
    (verb: string) =>
    (
      _repository: RepositoryName,
      digest: Digest,
      { details }: { details: object },
    ): Promise<QuarantineChange> => {
      done.push(`${verb} ${digest}`);
      told.push(details);
      return Promise.resolve(answers[digest] ?? 'changed');
    };
  return { release: act('release'), retain: act('retain'), state: () => Promise.resolve(undefined) };
}
