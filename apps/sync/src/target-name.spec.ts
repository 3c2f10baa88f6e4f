import { RepositoryName, Tag } from '@pratique/contracts';
import fc from 'fast-check';
import { renderTargetName, templateProblem } from './target-name.js';

const image = { repository: RepositoryName.parse('tripinsights/web'), tag: Tag.parse('1.2') };

describe('sync/target-name', () => {
  it.each([
    ['{repository}:{tag}', 'tripinsights/web', '1.2'],
    ['mirror/{repository}:{tag}', 'mirror/tripinsights/web', '1.2'],
    ['vendor/web:{tag}-vendor', 'vendor/web', '1.2-vendor'],
    ['latest/web:latest', 'latest/web', 'latest'],
  ])('fills in %s', (template, repository, tag) => {
    expect(renderTargetName(template, image)).toEqual({ repository, tag });
  });

  it('does not fill in what an image brings along', () => {
    const template = '{repository}:{tag}';

    // A tag cannot hold braces, and a name that could would still be filled in once only.
    expect(renderTargetName(template, { repository: image.repository, tag: Tag.parse('tag') })).toEqual({
      repository: 'tripinsights/web',
      tag: 'tag',
    });
  });

  it('refuses a result that the registries would not take, and shows it', () => {
    const long = RepositoryName.parse('a'.repeat(250));

    expect(renderTargetName('mirror/{repository}:{tag}', { repository: long, tag: image.tag })).toEqual({
      problem: expect.stringMatching(/^"mirror\/a+…" is longer than 255 characters$/) as string,
    });
    expect(renderTargetName('web:{repository}', image)).toEqual({
      problem: expect.stringContaining('"tripinsights/web" is not a tag') as string,
    });
  });

  it.each([
    ['{repository}', 'names no tag'],
    ['{repo}:{tag}', '{repo}, but only {repository} and {tag} can be filled in'],
    ['{repository}:{tag', 'makes no valid name'],
    ['Mirror/{repository}:{tag}', 'makes no valid name: "Mirror/r" is not a repository name'],
    ['customer.azurecr.io:443/{repository}:{tag}', 'makes no valid name'],
    ['../{repository}:{tag}', 'makes no valid name'],
    ['', 'names no tag'],
  ])('refuses the template "%s" when the file is loaded', (template, problem) => {
    expect(templateProblem(template)).toContain(problem);
  });

  it('gives a name or a problem for whatever template was accepted', () => {
    const repositories = fc.stringMatching(/^[a-z0-9]{1,9}(\/[a-z0-9]{1,9}){0,3}$/);
    const tags = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/);

    fc.assert(
      fc.property(fc.string(), repositories, tags, (prefix, repository, tag) => {
        const template = `${prefix}{repository}:{tag}`;
        fc.pre(templateProblem(template) === undefined);
        const named = renderTargetName(template, {
          repository: RepositoryName.parse(repository),
          tag: Tag.parse(tag),
        });

        if ('problem' in named) expect(named.problem).toContain('longer');
        else expect(named).toEqual({ repository: `${prefix}${repository}`, tag });
      }),
    );
  });
});
