import { readEntryQuery } from './entry-query.js';

describe('audit/entry-query', () => {
  it('lists the first hundred, oldest first, when nothing is asked for', () => {
    expect(readEntryQuery({})).toEqual({ limit: 100, order: 'asc' });
  });

  it('reads every parameter', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const parameters = {
      after: '41',
      limit: '500',
      order: 'desc',
      type: 'io.pratique.scan.passed.v1',
      registry: 'customer',
      repository: 'bicep/foo',
      digest,
      correlation: 'abc',
    };

    expect(readEntryQuery(parameters)).toEqual({ ...parameters, after: 41, limit: 500 });
  });

  it.each([
    [{ limit: '0' }, 'limit must be a whole number from 1 to 500.'],
    [{ limit: '501' }, 'limit must be a whole number from 1 to 500.'],
    [{ limit: '1e2' }, 'limit must be a whole number from 1 to 500.'],
    [{ limit: '-1' }, 'limit must be a whole number from 1 to 500.'],
    [{ after: 'x' }, 'after must be a whole number from 0 to 9007199254740991.'],
    [{ after: ['1', '2'] }, 'after may be given only once.'],
    [{ order: 'up' }, 'order must be asc (oldest first) or desc (newest first).'],
    [{ digest: 'sha256:abc' }, 'digest is not a sha256 or sha512 digest in lower-case hex.'],
    [{ type: '' }, 'type is empty.'],
    [{ registry: 'x'.repeat(513) }, 'registry is too long.'],
    [
      { tga: '1' },
      '"tga" is not a parameter here; there are after, limit, order, type, registry, repository, digest, correlation.',
    ],
  ])('refuses %j', (parameters, problem) => {
    expect(readEntryQuery(parameters)).toEqual({ problem });
  });
});
