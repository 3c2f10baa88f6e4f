import { digestOf, RegistryName, RepositoryName } from '@pratique/contracts';
import { judgeScan, type ScanJudgement, wayTo } from './judge-scan.js';
import { ScanException } from './scan-exception.settings.js';
import type { ScanPolicy } from './scan-policy.js';
import type { ExaminedCheck, ExaminedManifest } from './verdict.js';

const repository = RepositoryName.parse('team/app');
const digest = digestOf('image');
const results: ExaminedCheck['result'][] = ['passed', 'failed', 'nothing-to-check', 'crashed', 'no-answer'];

describe('scan/judge-scan', () => {
  it('lets nothing pass but by policies that enforce, all of which agree, whatever those say that observe', () => {
    const modes = ['enforce', 'observe'] as const;
    for (const a of modes) {
      for (const b of modes) {
        for (const ofA of results) {
          for (const ofB of results) {
            const policies = [policy('a', a), policy('b', b)];
            const { enforced, observed } = judge(policies, [check('a', ofA), check('b', ofB)]);
            const counting = [...(a === 'enforce' ? [ofA] : []), ...(b === 'enforce' ? [ofB] : [])];
            const mayPass = counting.length > 0 && counting.every((result) => result === 'passed');

            expect([a, b, ofA, ofB, enforced?.verdict.status === 'passed']).toEqual([
              a,
              b,
              ofA,
              ofB,
              mayPass,
            ]);
            expect(observed).toHaveLength(2 - counting.length);
          }
        }
      }
    }
  });

  it('tells of each policy that observes what it would have made of the image', () => {
    const policies = [policy('a', 'observe'), policy('b', 'enforce'), policy('c', 'observe')];
    const { observed } = judge(policies, [check('a', 'failed'), check('b', 'passed'), check('c', 'passed')]);

    expect(observed.map(({ verdict }) => verdict.status)).toEqual(['failed', 'passed']);
    expect(observed.map(({ policies: [first] }) => first?.name)).toEqual(['a', 'c']);
  });

  it('makes an exception of a policy for that policy only', () => {
    const finding = { id: 'denied', path: 'a', message: 'It is denied.', mend: 'Remove it.' };
    const exceptions = [
      ScanException.parse({
        ...{ id: 'denied', paths: ['a'], owner: 'alice', reason: 'x', ticket: 'T', expires: '2026-12-31' },
      }),
    ];
    const checks = ['a', 'b'].map((name) => ({ ...check(name, 'failed'), findings: [finding] }));
    const ofBoth = judge([policy('a', 'enforce', exceptions), policy('b', 'enforce')], checks);
    const ofOne = judge([policy('a', 'enforce', exceptions)], checks);

    expect([ofBoth.enforced?.verdict.status, ofOne.enforced?.verdict.status]).toEqual(['failed', 'passed']);
  });

  it('knows no verdict on an image that was not examined', () => {
    const { enforced } = judgeScan({
      ...{ repository, digest: digestOf('another'), policies: [policy('a', 'enforce')], now: new Date() },
      manifests: [{ digest, kind: 'image', checks: [check('a', 'passed')] }],
    });

    expect(enforced?.verdict.status).toBe('error');
  });

  it('knows every index through which a manifest is reached', () => {
    const [inner, outer, beside] = [digestOf('inner'), digestOf('outer'), digestOf('beside')];
    const manifests: ExaminedManifest[] = [
      { digest, kind: 'image', checks: [] },
      { digest: beside, kind: 'index', children: [digestOf('other')] },
      { digest: inner, kind: 'index', children: [digest] },
      { digest: outer, kind: 'index', children: [inner, beside] },
    ];

    expect(wayTo(digest, manifests)).toEqual([digest, inner, outer]);
  });
});

function judge(policies: ScanPolicy[], checks: ExaminedCheck[]): ScanJudgement {
  const manifests: ExaminedManifest[] = [{ digest, kind: 'image', checks }];
  return judgeScan({ repository, digest, policies, manifests, now: new Date('2026-06-01') });
}

function policy(name: string, mode: ScanPolicy['mode'], exceptions: ScanException[] = []): ScanPolicy {
  const begin = () => ({ report: () => ({ result: 'passed', findings: [] }) as const });
  const checks = [{ kind: 'content', settings: {}, begin }];
  return { name, registry: RegistryName.parse('test'), applies: () => true, checks, mode, exceptions };
}

function check(name: string, result: ExaminedCheck['result']): ExaminedCheck {
  return { policy: name, kind: 'content', result, findings: [] };
}
