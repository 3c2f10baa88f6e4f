import { readFileSync } from 'node:fs';
import { pratiqueVersion } from './pratique-version.js';

describe('scan/attestation/pratique-version', () => {
  it('is that of the package', () => {
    expect(JSON.parse(readFileSync('package.json', 'utf8'))).toMatchObject({ version: pratiqueVersion });
  });
});
