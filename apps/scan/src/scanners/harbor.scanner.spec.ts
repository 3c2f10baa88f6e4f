import { startAdapter } from '../../test/fake-adapter.js';
import { describeScanner } from './scanner.contract.js';

describe('scan/scanners/harbor', () => {
  describeScanner('harbor', {
    start: startAdapter,
    first: { link: 'https://nvd.nist.gov/vuln/detail/CVE-2026-1111' },
    tellsUnrecognised: false,
  });
});
