import fc from 'fast-check';
import { mergeScopes, repositoryScope } from './token-scopes.js';

const scopes = fc.array(
  fc
    .tuple(fc.constantFrom('a', 'b/c'), fc.subarray(['pull', 'push', 'delete'], { minLength: 1 }))
    .map(([repository, [first = 'pull', ...rest]]) => repositoryScope(repository, first, ...rest)),
);

describe('oci/token-scopes', () => {
  it('joins the rights on one repository', () => {
    expect(mergeScopes(['repository:a:pull'], ['repository:a:push,pull', 'registry:catalog:*'])).toEqual([
      'registry:catalog:*',
      'repository:a:pull,push',
    ]);
  });

  it('gives the same list for the same rights in any order', () => {
    fc.assert(
      fc.property(scopes, scopes, (one, other) => {
        expect(mergeScopes(one, other)).toEqual(mergeScopes(other.toReversed(), one));
      }),
    );
  });

  it('changes nothing when done twice', () => {
    fc.assert(
      fc.property(scopes, (list) => {
        expect(mergeScopes(mergeScopes(list))).toEqual(mergeScopes(list));
      }),
    );
  });
});
