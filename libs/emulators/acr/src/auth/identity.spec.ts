import { coversRepository } from './identity.js';

describe('emulators/acr/auth/identity', () => {
  it.each([
    ['team/api', 'team/api/v2', false],
    ['team/api', 'team', false],
    ['team/*', 'team', false],
    ['team/*', 'teams/api', false],
    ['*/api', 'team/api', false],
    ['team/api', 'team/api', true],
    ['team/*', 'team/api', true],
    ['team/*', 'team/api/v2', true],
    ['*', 'anything', true],
  ])('%s covers %s: %p', (pattern, repository, covered) =>
    expect(coversRepository(pattern, repository)).toBe(covered),
  );
});
