import { isMadeBy } from './stored-sboms.js';

describe('scan/sbom/stored-sboms', () => {
  it.each<[string, object, boolean]>([
    ['a list of CycloneDX 1.4', { metadata: { tools: [{ vendor: 'aquasecurity', name: 'trivy' }] } }, true],
    ['a list of CycloneDX 1.5', { metadata: { tools: { components: [{ name: 'Trivy' }] } } }, true],
    [
      'a list of SPDX',
      { creationInfo: { creators: ['Organization: aquasecurity', 'Tool: trivy-0.70.0'] } },
      true,
    ],
    ['one of another tool', { metadata: { tools: [{ name: 'syft' }] } }, false],
    [
      'one that another tool has changed',
      { metadata: { tools: { components: [{ name: 'trivy' }, { name: 'cdx-merge' }] } } },
      false,
    ],
    ['one of a person', { creationInfo: { creators: ['Person: trivy'] } }, false],
    ['one that does not say', { bomFormat: 'CycloneDX' }, false],
    ['one that says nonsense', { metadata: { tools: 'trivy' } }, false],
    ['one of a namesake', { creationInfo: { creators: ['Tool: trivyish-1'] } }, false],
  ])('takes %s for one by Trivy: %#', (_, sbom, expected) => {
    expect(isMadeBy('trivy', sbom)).toBe(expected);
  });
});
