import fc from 'fast-check';

import { formatScope, parseScopes } from './access-scope.js';

describe('emulators/acr/auth/access-scope', () => {
  it.each(['', 'repository', 'repository:team/api', 'artifact-repository:repo:pull', ':::'])(
    'leaves out %p',
    (text) => expect(parseScopes([text])).toEqual([]),
  );

  it('reads repeated parameters and several scopes in one', () => {
    expect(parseScopes(['repository:a:pull repository:b:push,pull', 'registry:catalog:*'])).toEqual([
      { type: 'repository', name: 'a', actions: ['pull'] },
      { type: 'repository', name: 'b', actions: ['push', 'pull'] },
      { type: 'registry', name: 'catalog', actions: ['*'] },
    ]);
  });

  it('stops reading after 64 scopes', () =>
    expect(parseScopes([Array.from({ length: 100 }, () => 'repository:a:pull').join(' ')])).toHaveLength(64));

  it('reads back what it writes', () => {
    const scope = fc.record({
      type: fc.constantFrom('repository' as const, 'registry' as const),
      name: fc.stringMatching(/^[a-z0-9/:]{1,20}$/),
      actions: fc.array(fc.constantFrom('pull', 'push', 'delete', '*'), { minLength: 1 }),
    });
    fc.assert(fc.property(scope, (it) => expect(parseScopes([formatScope(it)])).toEqual([it])));
  });
});
