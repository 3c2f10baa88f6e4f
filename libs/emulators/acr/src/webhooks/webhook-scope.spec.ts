import { scopeCovers } from './webhook-scope.js';

const image = { repository: 'team/api', tag: '1.0' };

describe('emulators/acr/webhooks/webhook-scope', () => {
  it.each([
    [undefined, true],
    ['', true],
    ['team/api:*', true],
    ['team/api:1.0', true],
    ['team/api:2.0', false],
    ['team/api', false],
    ['team/other:*', false],
    ['team:*', false],
  ])('%p covers team/api:1.0: %p', (scope, covered) => expect(scopeCovers(scope, image)).toBe(covered));

  it('reads a name without tag as latest', () =>
    expect(scopeCovers('team/api', { repository: 'team/api', tag: 'latest' })).toBe(true));

  it.each([
    ['team/api:*', true],
    ['team/api:1.0', false],
  ])('%p covers a push by digest: %p', (scope, covered) =>
    expect(scopeCovers(scope, { repository: 'team/api' })).toBe(covered),
  );
});
