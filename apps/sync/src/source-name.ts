import { RepositoryName, Tag } from '@pratique/contracts';
import { type NamedImage, renderTargetName } from './target-name.js';

const wholeRepository = /^([^{}]*)\{repository\}([^{}]*)$/;
const wholeTag = /^([^{}]*)\{tag\}([^{}]*)$/;

/**
 * Says why a rule's `as` does not let one tell which image a name at the target stands for, or nothing.
 *
 * @returns a sentence that follows on the setting's name
 */
export function irreversible(template: string): string | undefined {
  const { repository, tag } = partsOf(template);
  if (wholeRepository.test(repository) && wholeTag.test(tag)) return undefined;
  return 'must have {repository} once before the colon and {tag} once after it, so that every tag of the target stands for one of the source';
}

/**
 * The name at the source of what a target has under a name: the reverse of {@link renderTargetName}.
 *
 * @returns undefined for a name that the template does not make, or not of one image only
 */
export function sourceNameOf(template: string, target: NamedImage): NamedImage | undefined {
  const { repository, tag } = partsOf(template);
  const repositoryName = RepositoryName.safeParse(
    between(wholeRepository.exec(repository), target.repository),
  );
  const tagName = Tag.safeParse(between(wholeTag.exec(tag), target.tag));
  if (!repositoryName.success || !tagName.success) return undefined;
  return { repository: repositoryName.data, tag: tagName.data };
}

/** Whether a template could make a name of some image. */
export function mayMake(template: string, target: NamedImage): boolean {
  const { repository, tag } = partsOf(template);
  return looksLike(repository, target.repository) && looksLike(tag, target.tag);
}

/** The repository at the target for one of the source; undefined where the tag has a say in it, or where it is no name. */
export function targetRepositoryOf(template: string, repository: RepositoryName): RepositoryName | undefined {
  if (partsOf(template).repository.includes('{tag}')) return undefined;
  const named = renderTargetName(template, { repository, tag: Tag.parse('t') });
  return 'problem' in named ? undefined : named.repository;
}

function partsOf(template: string): { repository: string; tag: string } {
  const colon = template.lastIndexOf(':');
  return { repository: template.slice(0, colon), tag: template.slice(colon + 1) };
}

function between(around: RegExpExecArray | null, name: string): string | undefined {
  if (around === null) return undefined;
  const [, before = '', after = ''] = around;
  const fits = name.length > before.length + after.length && name.startsWith(before) && name.endsWith(after);
  return fits ? name.slice(before.length, name.length - after.length) : undefined;
}

// The parts around the placeholders, in their order. It may say yes too often, which keeps a tag that could have gone.
function looksLike(template: string, name: string): boolean {
  const literal = template.split(/\{(?:repository|tag)\}/);
  if (literal.length === 1) return template === name;
  let at = 0;
  for (const [index, part] of literal.entries()) {
    const found = index === 0 ? (name.startsWith(part) ? 0 : -1) : name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.endsWith(literal.at(-1) ?? '');
}
