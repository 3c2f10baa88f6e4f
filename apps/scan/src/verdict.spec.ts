import { type Digest, digestOf } from '@pratique/contracts';
import type { ExaminedCheck, ExaminedManifest, JudgedPolicy, Unreadable, Verdict } from './verdict.js';
import { judgeManifests } from './verdict.js';

type Result = ExaminedCheck['result'];

const results: Result[] = ['passed', 'failed', 'nothing-to-check', 'crashed', 'no-answer'];
const [a, b] = [policyOf('a', 1), policyOf('b', 1)];
/** No policy, one, two; each with one check, or two. */
const policySets = [[], [a], [policyOf('a', 2)], [a, b], [a, policyOf('b', 2)], [policyOf('a', 2), b]];
const unreadables: (Unreadable | undefined)[] = [
  undefined,
  { reason: 'not-readable', message: 'It is damaged.' },
  { reason: 'digest-mismatch', message: 'It is another.' },
];
const statuses = ['passed', 'failed', 'error', 'unscannable'] as const;

describe('scan/verdict', () => {
  describe('on an image', () => {
    it('is a pass for no input but a readable one with a good word from every policy and a bad one from none', () => {
      let passed = 0;
      for (const policies of policySets) {
        for (const ofA of listsOf(results, 2)) {
          for (const ofB of listsOf(results, 2)) {
            for (const unreadable of unreadables) {
              const given = { a: ofA, b: ofB };
              const verdict = judgeImage(policies, given, unreadable);
              const allowed = mayPass(policies, given, unreadable);
              expect([given, policies, unreadable, verdict.status === 'passed']).toEqual([
                given,
                policies,
                unreadable,
                allowed,
              ]);
              if (allowed) passed += 1;
            }
          }
        }
      }
      expect(passed).toBeGreaterThan(0);
    });

    it.each<[Result[], Verdict['status']]>([
      [[], 'error'],
      [['passed'], 'passed'],
      [['passed', 'nothing-to-check'], 'passed'],
      [['nothing-to-check'], 'unscannable'],
      [['failed', 'crashed'], 'failed'],
      [['failed', 'passed'], 'failed'],
      [['crashed', 'passed'], 'error'],
      [['no-answer', 'passed'], 'error'],
      [['no-answer', 'failed'], 'failed'],
    ])('whose checks say %j is %s', (given, status) => {
      expect(judgeImage([a], { a: given, b: [] }, undefined).status).toBe(status);
    });

    it('has no verdict while a check of the policy has not reported, whatever the others say', () => {
      expect(judgeImage([policyOf('a', 2)], { a: ['passed'], b: [] }, undefined)).toMatchObject({
        status: 'error',
        message: 'Not every check of a has reported.',
      });
    });

    it('says why somebody who was asked gave no answer', () => {
      const noAnswer = { reason: 'scanner-timeout', message: 'It took too long.', retryable: true } as const;
      const check: ExaminedCheck = {
        policy: 'a',
        kind: 'content',
        result: 'no-answer',
        findings: [],
        noAnswer,
      };
      const digest = digestOf('image');

      expect(judgeManifests([a], [{ digest, kind: 'image', checks: [check] }]).get(digest)).toEqual({
        status: 'error',
        ...noAnswer,
      });
    });

    it('that cannot be read is unscannable, with the reason, unless a check has found something already', () => {
      const unreadable = unreadables[1];

      expect(judgeImage([a], { a: ['passed'], b: [] }, unreadable)).toEqual({
        status: 'unscannable',
        ...unreadable,
      });
      expect(judgeImage([a], { a: ['failed'], b: [] }, unreadable)).toEqual({ status: 'failed' });
    });
  });

  describe('on an index', () => {
    it('is a pass only when there are children and every one of them has passed', () => {
      for (const children of listsOf(statuses, 3)) {
        for (const unreadable of unreadables) {
          const verdict = judgeIndex(children, unreadable);
          const allowed =
            children.length > 0 &&
            children.every((status) => status === 'passed') &&
            unreadable === undefined;
          expect([children, unreadable, verdict?.status === 'passed']).toEqual([
            children,
            unreadable,
            allowed,
          ]);
        }
      }
    });

    it.each<[Verdict['status'][], Verdict['status']]>([
      [[], 'unscannable'],
      [['passed', 'failed', 'error', 'unscannable'], 'failed'],
      [['unscannable', 'error', 'passed'], 'error'],
      [['passed', 'unscannable'], 'unscannable'],
    ])('whose children are %j is %s', (children, status) => {
      expect(judgeIndex(children, undefined)?.status).toBe(status);
    });

    it('is unscannable when a child was never examined', () => {
      const [index, child] = [digestOf('index'), digestOf('child')];
      const verdicts = judgeManifests([a], [{ digest: index, kind: 'index', children: [child] }]);

      expect(verdicts.get(index)).toMatchObject({ status: 'unscannable', reason: 'not-readable' });
    });

    it('does not hide a child behind an index that names it', () => {
      const [root, index, child] = [digestOf('root'), digestOf('index'), imageThatIs('failed', 0)];
      const verdicts = judgeManifests(
        [a],
        [
          child,
          { digest: index, kind: 'index', children: [child.digest] },
          { digest: root, kind: 'index', children: [index] },
        ],
      );

      expect(verdicts.get(root)).toEqual({ status: 'failed' });
    });
  });
});

function listsOf<T>(values: readonly T[], longest: number): T[][] {
  if (longest === 0) return [[]];
  const shorter = listsOf(values, longest - 1);
  const last = shorter.filter((list) => list.length === longest - 1);
  return [...shorter, ...last.flatMap((list) => values.map((value) => [...list, value]))];
}

interface Given {
  a: readonly Result[];
  b: readonly Result[];
}

/** The rule once more, in other words than the code's. */
function mayPass(
  policies: readonly JudgedPolicy[],
  given: Given,
  unreadable: Unreadable | undefined,
): boolean {
  if (policies.length === 0 || unreadable !== undefined) return false;
  const everything = [...given.a, ...given.b];
  if (everything.some((result) => !['passed', 'nothing-to-check'].includes(result))) return false;
  return policies.every(({ name, checks }) => {
    const reported = name === 'a' ? given.a : given.b;
    return reported.length >= checks.length && reported.includes('passed');
  });
}

function policyOf(name: string, checks: number): JudgedPolicy {
  return { name, checks: Array.from({ length: checks }, () => ({ kind: 'content' })) };
}

function checksOf(policy: string, given: readonly Result[]): ExaminedCheck[] {
  return given.map((result) => ({ policy, kind: 'content', result, findings: [] }));
}

function judgeImage(
  policies: readonly JudgedPolicy[],
  given: Given,
  unreadable: Unreadable | undefined,
): Verdict {
  const digest = digestOf('image');
  const checks = [...checksOf('a', given.a), ...checksOf('b', given.b)];
  const verdict = judgeManifests(policies, [{ digest, kind: 'image', checks, unreadable }]).get(digest);
  if (verdict === undefined) throw new Error('There is no verdict.');
  return verdict;
}

function judgeIndex(
  children: readonly Verdict['status'][],
  unreadable: Unreadable | undefined,
): Verdict | undefined {
  const digest = digestOf('index');
  const images = children.map(imageThatIs);
  const index: ExaminedManifest = {
    digest,
    kind: 'index',
    children: images.map((image): Digest => image.digest),
    unreadable,
  };
  return judgeManifests([a], [...images, index]).get(digest);
}

function imageThatIs(status: Verdict['status'], index: number): ExaminedManifest {
  const byStatus = {
    passed: 'passed',
    failed: 'failed',
    error: 'crashed',
    unscannable: 'nothing-to-check',
  } as const;
  return { digest: digestOf(`child ${index}`), kind: 'image', checks: checksOf('a', [byStatus[status]]) };
}
