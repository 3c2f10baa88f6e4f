import { repositoryAllowList } from './repository-allow-list.js';

describe('ingress/repository-allow-list', () => {
  it.each([
    ['tripinsights/*', 'tripinsights/poi', true],
    ['tripinsights/*', 'tripinsights', false],
    ['tripinsights/*', 'tripinsights/poi/deeper', false],
    ['tripinsights/*', 'xtripinsights/poi', false],
    ['bicep/**', 'bicep/avm/storage', true],
    ['team-*/app', 'team-a/app', true],
    ['team-*/app', 'team-a/b/app', false],
    ['a.b/c', 'axb/c', false],
    ['{a,b}', 'a', false],
  ])('%s and %s: %s', (glob, repository, allowed) => {
    expect(repositoryAllowList([glob])(repository)).toBe(allowed);
  });

  it('allows what any entry of the list allows', () => {
    expect(repositoryAllowList(['a/*', 'b/*'])('b/c')).toBe(true);
  });

  it('allows everything of the registry when there is no list', () => {
    expect(repositoryAllowList(undefined)('anything/at/all')).toBe(true);
  });
});
