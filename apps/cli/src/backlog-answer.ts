import { z } from 'zod';
import type { BacklogImage } from './quarantine-backlog.js';
import type { Answer } from './verb.js';

const maxListed = 50;

/** What there is to say of the images of a registry, with the verdicts that they have. */
export function backlogAnswer(
  images: readonly BacklogImage[],
  { name, dryRun }: { name: string; dryRun: boolean },
): Answer {
  const of = (verdict: BacklogImage['verdict']): BacklogImage[] =>
    images.filter((image) => image.verdict === verdict);
  const [passed, failed, pending] = [of('passed'), of('failed'), of('pending')];
  const describe = ({ repository, digest, tag, details }: BacklogImage): string =>
    `${repository}${tag === undefined ? '' : `:${tag}`}@${digest}${reasonIn(details)}`;
  const done = failed.length + pending.length === 0;
  return {
    exitCode: done ? 0 : 1,
    document: {
      ...{ registry: name, dryRun, manifests: images.length, passed: passed.length },
      failed: failed.map(({ verdict: _verdict, ...image }) => image),
      pending: pending.map(({ verdict: _verdict, details: _details, ...image }) => image),
    },
    lines: [
      ...failed.slice(0, maxListed).map((image) => `failed   ${describe(image)}`),
      ...pending.slice(0, maxListed).map((image) => `pending  ${describe(image)}`),
      `${name}: ${images.length} manifests, ${passed.length} passed, ${failed.length} failed, ${pending.length} without a verdict.`,
      done
        ? 'Its quarantine can be switched on.'
        : 'With its quarantine switched on, those that have not passed could not be pulled.',
    ],
  };
}

/** What our verdicts say, from the details that Azure keeps as a string of JSON. */
function reasonIn(details: string | undefined): string {
  const Details = z.object({ result: z.object({ description: z.string() }) });
  try {
    const read = Details.safeParse(JSON.parse(details ?? 'null'));
    return read.success ? `: ${read.data.result.description}` : '';
  } catch {
    return '';
  }
}
