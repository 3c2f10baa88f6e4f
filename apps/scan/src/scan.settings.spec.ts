import { parseConfig } from '@pratique/config';
import { RegistriesSection } from '@pratique/registries';
import { z } from 'zod';
import { checkScanRegistries, ScanSection } from './scan.settings.js';

const Sections = z
  .object({ registries: RegistriesSection, scan: ScanSection })
  .superRefine(checkScanRegistries);

const registries = `
registries:
  - { name: customer, kind: acr, host: customer.azurecr.io, quarantine: true }
`;

describe('scan/scan.settings', () => {
  it('reads the policy of the documentation', () => {
    const { scan } = read(`
scan:
  - name: bicep-only
    registry: customer
    repositories: ['bicep/**']
    checks: [{ content: { allow: ['*.bicep'] } }]
`);

    expect(scan).toMatchObject([{ name: 'bicep-only', registry: 'customer', checks: [{ kind: 'content' }] }]);
  });

  it.each([
    ['checks: []', /checks has no check, and so could never clear an image/],
    ['checks: [{ contents: { allow: [a] } }]', /checks\[0\]/],
    ['checks: [{ content: {} }]', /allows and denies nothing/],
    ['checks: [{ content: { allow: [] } }]', /checks\[0\]\.content\.allow/],
    ['checks: [{ content: { alow: [a] } }]', /checks\[0\]\.content/],
    ['checks: [{ content: { allow: [a] } }], limit: 1', /limit is not a setting that exists here/],
  ])('refuses %s, and says where', (rest, problem) => {
    expect(() => read(`scan: [{ name: p, registry: customer, repositories: ['**'], ${rest} }]`)).toThrow(
      problem,
    );
  });

  it('refuses a registry that the file does not have', () => {
    const policy =
      "{ name: p, registry: costumer, repositories: ['**'], checks: [{ content: { allow: [a] } }] }";

    expect(() => read(`scan: [${policy}]`)).toThrow(
      /test\.yaml:5:\d+: scan\[0\]\.registry is no registry of this file; there are customer/,
    );
  });

  it('refuses two policies of one name', () => {
    const policy =
      "{ name: p, registry: customer, repositories: ['**'], checks: [{ content: { allow: [a] } }] }";

    expect(() => read(`scan: [${policy}, ${policy}]`)).toThrow(/scan\[1\]\.name is "p" once more/);
  });
});

function read(text: string): z.output<typeof Sections> {
  return parseConfig({ file: 'test.yaml', text: `${registries}\n${text}` }, Sections);
}
