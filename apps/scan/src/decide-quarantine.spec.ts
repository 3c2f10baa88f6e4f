import type { QuarantineChange } from '@pratique/acr';
import { type Digest, digestOf, RepositoryName } from '@pratique/contracts';
import { decideQuarantine, type QuarantineResult } from './decide-quarantine.js';
import type { Verdict } from './verdict.js';

const repository = RepositoryName.parse('team/app');
const [child, other, index] = [digestOf('child'), digestOf('other'), digestOf('index')];
const passed: Verdict = { status: 'passed' };
const failed: Verdict = { status: 'failed' };
const broken: Verdict = { status: 'error', reason: 'check-crashed', message: 'It broke.', retryable: false };

describe('scan/decide-quarantine', () => {
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
});

async function decide(
  verdict: Verdict,
  children: Verdict[],
  ...[answers = {}, message = 'Why.']: [Record<Digest, QuarantineChange>?, string?]
): Promise<{ result: QuarantineResult; done: string[]; details?: object }> {
  const done: string[] = [];
  let last: object | undefined;
  const act =
    (verb: string) =>
    (
      _repository: RepositoryName,
      digest: Digest,
      { details }: { details: object },
    ): Promise<QuarantineChange> => {
      done.push(`${verb} ${digest}`);
      last = details;
      return Promise.resolve(answers[digest] ?? 'changed');
    };
  const manifests = new Map(
    [...[child, other].slice(0, children.length), index].map((digest, at) => [
      digest,
      children[at] ?? verdict,
    ]),
  );
  const quarantine = { release: act('release'), retain: act('retain') };
  const { signal } = new AbortController();
  const result = await decideQuarantine({ quarantine, repository, verdict, manifests, message, signal });
  return { result, done, ...(last && { details: last }) };
}
