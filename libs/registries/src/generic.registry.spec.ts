import { hearBody, inShort } from './hear-recordings.contract.js';

const plain = { list: undefined, type: undefined, fields: { repository: '/repo', tag: '/tag' } };

describe('registries/generic.registry', () => {
  it('takes every delivery for a push where the settings name no type', async () => {
    expect(inShort(await hearBody('generic', { repo: 'a', tag: 'v1' }, { settings: plain }))).toEqual([
      'pushed a:v1',
    ]);
  });

  it('does not reach through a pointer into what an object inherits', async () => {
    const settings = { ...plain, fields: { repository: '/repo', tag: '/toString/name' } };

    expect(await hearBody('generic', { repo: 'a' }, { settings })).toMatchObject({ reason: 'malformed' });
  });

  it.each([
    ['a list that is none', { changes: {} }],
    ['a list without an end', { changes: Array(1001).fill({}) }],
  ])('refuses %s', async (_, body) => {
    expect(await hearBody('generic', body)).toMatchObject({ reason: 'malformed' });
  });

  it('has no interest in what is in the list but says nothing', async () => {
    expect(await hearBody('generic', { changes: [null, 7, 'x', {}] })).toEqual([]);
  });
});
