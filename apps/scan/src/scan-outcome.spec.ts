import { digestOf, maxCloudEventBytes, outcomeOfEvent } from '@pratique/contracts';
import { anImageQuarantined } from '@pratique/testing';
import type { Finding } from './checks/check.js';
import type { ExaminedCheck, ExaminedManifest, Verdict } from './verdict.js';
import {
  imageOf,
  type Judgement,
  outcomeOfObservation,
  outcomeOfRelease,
  outcomeOfRetention,
  outcomeOfVerdict,
} from './scan-outcome.js';

const event = anImageQuarantined({ registry: 'customer', repository: 'bicep/foo', tag: '1.0' });
const digest = digestOf('image');
const where = `bicep/foo:1.0@${digest} in customer`;

describe('scan/scan-outcome', () => {
  it.each<[Verdict, Partial<ExaminedCheck>, string]>([
    [{ status: 'passed' }, {}, `${where} passed every check of bicep-only.`],
    [
      { status: 'failed' },
      { findings: [finding('The file hi.txt is not allowed.'), finding('Another.')] },
      `${where} failed bicep-only: The file hi.txt is not allowed.`,
    ],
    [
      { status: 'unscannable', reason: 'nothing-to-check', message: 'It has no layers.' },
      {},
      `${where} cannot be cleared by bicep-only: It has no layers.`,
    ],
    [
      { status: 'error', reason: 'check-crashed', message: 'The check broke: oops.', retryable: false },
      { findings: [finding('The check broke: oops.')] },
      `${where} has no verdict by bicep-only: The check broke: oops.`,
    ],
  ])('says of the verdict %j what happened and why', (verdict, check, message) => {
    expect(outcomeOfVerdict(judgement(verdict, [manifestWith(check)])).data.message).toBe(message);
  });

  it('says what became of the quarantine', () => {
    const { data } = outcomeOfRelease(judgement({ status: 'passed' }, []));

    expect(data.message).toBe(`${where} was released from quarantine.`);
    expect(outcomeOfRetention(imageOf(event), { status: 'unscannable' }).data.reason).toBe(
      'verdict-unscannable',
    );
  });

  it.each<[Verdict, string, string]>([
    [{ status: 'passed' }, 'would-pass', `${where} would have been cleared by p`],
    [{ status: 'failed' }, 'would-fail', `${where} would have been refused by p`],
    [
      { status: 'unscannable', reason: 'not-readable', message: 'It is damaged.' },
      'would-be-unscannable',
      `${where} would have been refused by p`,
    ],
    [
      { status: 'error', reason: 'scanner-timeout', message: 'It took too long.', retryable: true },
      'would-be-error',
      `${where} would have had no verdict by p`,
    ],
  ])(
    'tells of the verdict %j of a policy that observes what it would have done',
    (verdict, reason, message) => {
      const { kind, data } = outcomeOfObservation({ ...judgement(verdict, [manifestWith({})]), rule: 'p' });

      expect([kind, data.reason]).toEqual(['scan.observed', reason]);
      expect(data.message.startsWith(`${message}, which only observes: ${where}`)).toBe(true);
    },
  );

  it('tells which exceptions were made, and who answers for them', () => {
    const exception = { id: 'denied', owner: 'alice', ticket: 'SEC-1', expires: '2026-12-31' };
    const excepted = [
      { finding: finding('It is there.'), exception: { ...exception, reason: 'Known.', paths: ['**'] } },
    ];
    const { data } = outcomeOfVerdict(judgement({ status: 'passed' }, [manifestWith({ excepted })]));

    expect(data.details).toMatchObject({
      checks: [{ check: 'content', result: 'passed', findings: 0, excepted: 1 }],
      exceptions: [exception],
      exceptionCount: 1,
    });
  });

  it('stays a message that can be sent, however much was found', () => {
    const long = {
      ...finding(`The file ${'"\u{1F40B}'.repeat(60)} is denied.`),
      path: '"\u{1F40B}'.repeat(60),
      layer: digest,
      line: 1_000_000,
      mend: 'x'.repeat(200),
      link: 'x'.repeat(2048),
    };
    const findings = Array.from({ length: 100 }, () => long);
    const excepted = Array.from({ length: 20 }, () => ({
      finding: long,
      exception: {
        ...{ id: 'x'.repeat(128), owner: '"'.repeat(500), ticket: '"'.repeat(500) },
        ...{ expires: '2026-12-31', reason: 'x', paths: ['**'] },
      },
    }));
    const manifests = Array.from({ length: 128 }, () =>
      manifestWith({ result: 'failed', findings, excepted }),
    );
    const { kind, data } = outcomeOfVerdict(judgement({ status: 'failed' }, manifests));

    const outcome = outcomeOfEvent(kind, event, { service: 'scan', at: new Date(0), data });

    expect(Buffer.byteLength(JSON.stringify(outcome))).toBeLessThan(maxCloudEventBytes);
    expect(data.details).toMatchObject({ findingCount: 12_800, checkCount: 128, manifests: 128 });
  });
});

function finding(message: string): Finding {
  return { id: 'denied', message, mend: 'Build it without.' };
}

function manifestWith(check: Partial<ExaminedCheck>): ExaminedManifest {
  const checks: ExaminedCheck[] = [
    { policy: 'bicep-only', kind: 'content', result: 'passed', findings: [], ...check },
  ];
  return { digest, kind: 'image', checks };
}

function judgement(verdict: Verdict, manifests: ExaminedManifest[]): Judgement {
  return { image: { ...imageOf(event), digest }, rule: 'bicep-only', verdict, manifests, durationMs: 1 };
}
