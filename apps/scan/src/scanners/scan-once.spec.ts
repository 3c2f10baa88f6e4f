import { digestOf, RepositoryName } from '@pratique/contracts';
import type { RegistryClient } from '@pratique/oci';
import { scanOnce } from './scan-once.js';
import type { Scanner, ScannerTarget } from './scanner.js';

const [ours, theirs] = [{ name: 'ours' }, { name: 'theirs' }];

describe('scan/scanners/scan-once', () => {
  let asked: ScannerTarget['sboms'][];
  let scanner: Scanner | undefined;

  beforeEach(() => {
    asked = [];
    const scan: Scanner['scan'] = ({ sboms }) => {
      asked.push(sboms);
      return Promise.resolve({ scanner: { name: 'it' }, vulnerabilities: [] });
    };
    scanner = scanOnce(new Map([['it', { scan }]])).get('it');
  });

  const ask = (sboms?: ScannerTarget['sboms']): unknown =>
    scanner?.scan({
      ...{ client: {} as RegistryClient, repository: RepositoryName.parse('team/app') },
      ...{ digest: digestOf('image'), sboms, signal: new AbortController().signal },
    });

  it('answers two policies at once', async () => {
    await Promise.all([ask(), ask(), ask([ours]), ask([{ ...ours }])]);

    expect(asked).toEqual([undefined, [ours]]);
  });

  it('never gives a policy an answer from a list that only another one trusts', async () => {
    await Promise.all([ask([ours]), ask([theirs]), ask([ours, theirs]), ask()]);

    expect(asked).toEqual([[ours], [theirs], [ours, theirs], undefined]);
  });
});
