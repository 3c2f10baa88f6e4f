import { RepositoryName, Tag } from '@pratique/contracts';
import fc from 'fast-check';
import { irreversible, mayMake, sourceNameOf, targetRepositoryOf } from './source-name.js';
import { renderTargetName } from './target-name.js';

const named = (repository: string, tag: string) => ({
  repository: RepositoryName.parse(repository),
  tag: Tag.parse(tag),
});

describe('sync/source-name', () => {
  it.each([
    ['{repository}:{tag}', true],
    ['mirror/{repository}:{tag}-m', true],
    ['all:{tag}', false],
    ['{repository}:latest', false],
    ['{repository}/{tag}:{tag}', false],
    ['{repository}/{repository}:{tag}', false],
  ])('of %s can be told: %s', (template, can) => {
    expect(irreversible(template) === undefined).toBe(can);
  });

  it('takes a name back to the one that it was made from, whatever that is', () => {
    const template = fc.constantFrom('{repository}:{tag}', 'm/{repository}:v{tag}', '{repository}/x:{tag}-x');
    const repository = fc.stringMatching(/^[a-z0-9]{1,5}(\/[a-z0-9]{1,5}){0,2}$/);
    const tag = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,9}$/);

    fc.assert(
      fc.property(template, repository, tag, (as, from, of) => {
        const image = named(from, of);
        const target = renderTargetName(as, image);
        if ('problem' in target) throw new Error(target.problem);

        expect(sourceNameOf(as, target)).toEqual(image);
        expect(mayMake(as, target)).toBe(true);
      }),
    );
  });

  it('knows names that a template does not make', () => {
    expect(sourceNameOf('m/{repository}:{tag}', named('other/app', '1'))).toBeUndefined();
    expect(sourceNameOf('m/{repository}:{tag}-x', named('m/app', '1'))).toBeUndefined();
    expect(mayMake('fixed:{tag}', named('app', '1'))).toBe(false);
    expect(mayMake('fixed:{tag}', named('fixed', '1'))).toBe(true);
  });

  it('knows the one repository at the target, where there is one', () => {
    const app = RepositoryName.parse('app');

    expect(targetRepositoryOf('m/{repository}:{tag}', app)).toBe('m/app');
    expect(targetRepositoryOf('{repository}/{tag}:1', app)).toBeUndefined();
  });
});
