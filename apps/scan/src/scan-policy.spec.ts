import { matcherOf } from '@pratique/config';
import { RegistryName } from '@pratique/contracts';
import { anImagePushed, anImageQuarantined } from '@pratique/testing';
import { decideScan, namesOf, type ScanPolicy } from './scan-policy.js';

const policies = [
  policy('bicep', 'customer', ['bicep/**']),
  policy('all', 'customer', ['*/app']),
  policy('open', 'open', ['**']),
];

describe('scan/scan-policy', () => {
  it.each([
    [true, 'quarantined', 'bicep/foo', 'scan', ['bicep']],
    [true, 'quarantined', 'bicep/app', 'scan', ['bicep', 'all']],
    [true, 'quarantined', 'team/app', 'scan', ['all']],
    [true, 'quarantined', 'team/deep/app', 'refuse', []],
    [true, 'pushed', 'bicep/foo', 'ignore', []],
    [true, 'pushed', 'team/deep/app', 'ignore', []],
    [false, 'quarantined', 'bicep/foo', 'ignore', []],
    [false, 'pushed', 'bicep/foo', 'scan', ['bicep']],
    [false, 'pushed', 'team/deep/app', 'ignore', []],
    [undefined, 'quarantined', 'bicep/foo', 'refuse', []],
    [undefined, 'pushed', 'bicep/foo', 'ignore', []],
  ] as const)(
    'with quarantine %s, an image that is %s in %s: %s',
    (...[quarantine, name, repository, act, names]) => {
      const make = name === 'pushed' ? anImagePushed : anImageQuarantined;
      const event = make({ registry: 'customer', repository });

      const decision = decideScan(event, { quarantine, policies });

      expect(decision.act).toBe(act);
      expect(decision.act === 'scan' ? decision.policies.map((found) => found.name) : []).toEqual(names);
    },
  );

  it('names several policies together, and never longer than an outcome has room for', () => {
    expect(namesOf(policies)).toBe('bicep, all, open');
    const many = Array.from({ length: 100 }, (_, index) => policy(`policy-${index}`, 'customer', ['**']));
    expect(namesOf(many)).toHaveLength(255);
  });
});

function policy(name: string, registry: string, repositories: string[]): ScanPolicy {
  return {
    name,
    registry: RegistryName.parse(registry),
    applies: matcherOf(repositories),
    checks: [],
    mode: 'enforce',
    exceptions: [],
  };
}
