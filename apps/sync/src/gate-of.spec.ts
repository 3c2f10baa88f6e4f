import { RegistrySettings } from '@pratique/registries';
import { gateOf } from './gate-of.js';

const open = RegistrySettings.parse({ name: 'open', kind: 'acr', host: 'open.azurecr.io' });
const guarded = RegistrySettings.parse({
  name: 'guarded',
  kind: 'acr',
  host: 'guarded.azurecr.io',
  quarantine: true,
});

describe('sync/gate-of', () => {
  it.each([
    ['cleared', open, 'cleared'],
    ['approved', open, 'approved'],
    ['approved', guarded, 'approved'],
    ['pushed', guarded, 'quarantine'],
    ['pushed', open, undefined],
  ] as const)('finds for a rule when %s to %j the gate %s', (when, to, gate) => {
    expect(gateOf({ when }, to)).toBe(gate);
  });
});
