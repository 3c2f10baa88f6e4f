import { RepositoryName } from '@pratique/contracts';
import { listRepositories, OciError, onSide } from '@pratique/oci';
import type { CompiledRule } from '../compiled-rule.js';
import { type CompareOptions, connectionOf } from './compare-repository.js';

/**
 * The repositories of a rule's source that it takes. Names that are written out are not looked up; for patterns the registry's
 * catalog is read, which hosted registries keep to themselves.
 *
 * @throws OciError with its side; `request-refused` with what to do where there is no catalog for us
 */
export async function repositoriesOfRule(
  rule: CompiledRule,
  options: Pick<CompareOptions, 'connections' | 'pace' | 'signal'>,
): Promise<RepositoryName[]> {
  const names = rule.repositories.map((pattern) => RepositoryName.safeParse(pattern));
  if (names.every(({ success }) => success)) {
    const written = names.flatMap(({ data }) => data ?? []);
    return written.filter((repository) => rule.names.refusesRepository(repository) === undefined);
  }
  const found: RepositoryName[] = [];
  await options.pace.turn(options.signal);
  try {
    await onSide('source', async () => {
      const { reader } = connectionOf(options, rule.from);
      for await (const repository of listRepositories(reader, { signal: options.signal }))
        if (rule.names.refusesRepository(repository) === undefined) found.push(repository);
    });
  } catch (error) {
    throw error instanceof OciError ? explained(error, rule) : error;
  }
  return found;
}

const noCatalog: readonly string[] = ['not-found', 'access-refused', 'not-authenticated'];

function explained(error: OciError, { name, from }: CompiledRule): OciError {
  if (!noCatalog.includes(error.code)) return error;
  return error.meaning(
    error.code,
    `${from} does not list its repositories for us (${error.status}): grant the right to read its catalog, or write the repositories of the rule ${name} without wildcards.`,
  );
}
