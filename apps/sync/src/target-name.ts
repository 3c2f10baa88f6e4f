import { RepositoryName, Tag } from '@pratique/contracts';

export interface NamedImage {
  repository: RepositoryName;
  tag: Tag;
}

/** What a template may take from the image's name at the source. */
const placeholders = ['repository', 'tag'] as const;

/**
 * Says what is wrong with a rule's `as`, such as `mirror/{repository}:{tag}`, or nothing.
 *
 * It is tried on the shortest names there are, so what is left to go wrong later is a result that is too long.
 *
 * @returns a sentence that follows on the setting's name
 */
export function templateProblem(template: string): string | undefined {
  const strange = [...template.matchAll(/\{([^}]*)\}/g)].find(([, name]) => !isPlaceholder(name ?? ''));
  if (strange !== undefined) return `has ${strange[0]}, but only {repository} and {tag} can be filled in`;
  if (!template.includes(':')) return 'names no tag: end it with :{tag}';
  const sample = renderTargetName(template, { repository: RepositoryName.parse('r'), tag: Tag.parse('t') });
  return 'problem' in sample ? `makes no valid name: ${sample.problem}` : undefined;
}

/**
 * Fills in a rule's template and checks the result against the distribution specification's grammar.
 *
 * @returns the name at the target, or why the result is none
 */
export function renderTargetName(template: string, image: NamedImage): NamedImage | { problem: string } {
  // Neither names nor tags can contain a colon, so the template's last one parts the two.
  const colon = template.lastIndexOf(':');
  const repository = fillIn(template.slice(0, colon), image);
  const tag = fillIn(template.slice(colon + 1), image);
  const checkedRepository = RepositoryName.safeParse(repository);
  if (!checkedRepository.success) return { problem: problemOf(repository, checkedRepository.error) };
  const checkedTag = Tag.safeParse(tag);
  if (!checkedTag.success) return { problem: problemOf(tag, checkedTag.error) };
  return { repository: checkedRepository.data, tag: checkedTag.data };
}

function fillIn(template: string, image: NamedImage): string {
  return template.replace(/\{(repository|tag)\}/g, (_, name: keyof NamedImage) => image[name]);
}

function isPlaceholder(name: string): boolean {
  return placeholders.some((known) => known === name);
}

function problemOf(text: string, error: { issues: { message: string }[] }): string {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return `"${shown}" ${error.issues[0]?.message ?? 'is not valid'}`;
}
