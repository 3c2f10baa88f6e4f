import { formatImage, type RegistryName, RepositoryName, Tag } from '@pratique/contracts';
import { cautiousSelection, isCertain, wildcardsOf } from './cautious-selection.js';
import type { SyncRule } from './sync-rule.js';
import { type NamedImage, renderTargetName } from './target-name.js';

/** A rule towards one of its targets. */
export type Rule = Pick<SyncRule, 'name' | 'from' | 'repositories' | 'tags' | 'exclude' | 'as'> & {
  to: RegistryName;
};

interface Place {
  registry: string;
  image: NamedImage;
}

interface Step extends Place {
  rule: Rule;
  before: Step | undefined;
  /** How often this rule was applied on the way here. */
  turns: number;
}

/** Rules that hand an image round under ever new names, with an example of its way. */
export interface EndlessCopying {
  /** The rule that closes the round. */
  rule: string;
  /** `a app:1 → b x/app:1 → a x/app:1 → …` */
  example: string;
  /** False where it depends on a regular expression, which is taken to match everything. */
  certain: boolean;
}

// A copy that changes no name ends after one round, since the image is there already. Rules that rename to fixed names end
// after as many turns as there are such rules; whatever still makes new names after that goes on for ever.
const turnsBeyondRules = 4;
// Far above what a file written by hand leads to; a search that gets here is as good as endless.
const maxPlaces = 20_000;

/**
 * Looks for rules that would copy for ever: a cycle in which the templates rename, so that each round makes new names
 * that the rules match again.
 *
 * It plays the rules on names made from their own patterns, so whatever it reports does happen; only a regular expression
 * is taken to match everything, since no names can be made from it.
 */
export function findEndlessCopying(rules: readonly Rule[]): EndlessCopying | undefined {
  const inCycles = rulesInCycles(rules);
  const search = new CopySearch(inCycles);
  for (const rule of inCycles) {
    for (const image of exampleNames(rule, inCycles)) {
      const found = search.from({ registry: rule.from, image });
      if (found !== undefined) return { ...found, certain: inCycles.every(isCertain) };
    }
  }
  return undefined;
}

/** The rules from whose target other rules lead back to their source. */
function rulesInCycles<R extends Rule>(rules: readonly R[]): R[] {
  return rules.filter((rule) => {
    const reached = new Set([rule.to]);
    // A set that grows while it is walked: every registry that is added is visited too.
    for (const registry of reached) {
      for (const next of rules) if (next.from === registry) reached.add(next.to);
    }
    return reached.has(rule.from);
  });
}

class CopySearch {
  readonly #rules;
  readonly #maxTurns;
  readonly #seen = new Set<string>();

  constructor(rules: readonly Rule[]) {
    this.#maxTurns = rules.length + turnsBeyondRules;
    this.#rules = rules.map((rule) => ({
      rule,
      takes: cautiousSelection(rule),
    }));
  }

  from(start: Place): Omit<EndlessCopying, 'certain'> | undefined {
    const open: (Place & { step?: Step })[] = [start];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (this.#seenBefore(place)) continue;
      const steps = this.#stepsFrom(place, place.step);
      const endless = steps.find(({ turns }) => turns > this.#maxTurns || this.#seen.size > maxPlaces);
      if (endless !== undefined) return { rule: endless.rule.name, example: describeWay(start, endless) };
      open.push(...steps.map((step) => ({ registry: step.registry, image: step.image, step })));
    }
    return undefined;
  }

  #seenBefore({ registry, image }: Place): boolean {
    const key = `${registry} ${formatImage(image)}`;
    if (this.#seen.has(key)) return true;
    this.#seen.add(key);
    return false;
  }

  #stepsFrom({ registry, image }: Place, before: Step | undefined): Step[] {
    return this.#rules
      .filter(({ rule }) => rule.from === registry)
      .filter(({ takes }) => takes(image))
      .flatMap(({ rule }) => {
        const target = renderTargetName(rule.as, image);
        const turns = turnsOf(rule, before) + 1;
        if (!('problem' in target)) return [{ registry: rule.to, image: target, rule, before, turns }];
        // A name that a rule could make the first time but not the next has outgrown what a registry takes.
        return turns > 1 && before !== undefined ? [{ ...before, rule, turns: Infinity }] : [];
      });
  }
}

function turnsOf(rule: Rule, step: Step | undefined): number {
  for (let at = step; at !== undefined; at = at.before) if (at.rule === rule) return at.turns;
  return 0;
}

// The first few steps tell the story; the rest repeats it.
const shownSteps = 4;

function describeWay(start: Place, last: Step): string {
  const steps: Place[] = [];
  for (let step: Step | undefined = last; step !== undefined; step = step.before) steps.unshift(step);
  return [start, ...steps]
    .slice(0, shownSteps)
    .map(({ registry, image }) => `${registry} ${formatImage(image)}`)
    .concat('…')
    .join(' → ');
}

// Beyond this, further examples only repeat what the earlier ones showed.
const maxExamples = 1000;

/**
 * Names that a rule's patterns match. A name that goes round must match the patterns of several rules at once, so the
 * wildcards of each are also filled with the examples of the others.
 */
function exampleNames(rule: Rule, rules: readonly Rule[]): NamedImage[] {
  const of = (each: Rule): { repositories: string[]; tags: string[] } => ({
    repositories: each.repositories.flatMap((pattern) => wildcardsOf(pattern, '**')),
    tags: each.tags.flatMap((pattern) => wildcardsOf(pattern, '*')),
  });
  const own = of(rule);
  const repositories = examples(
    own.repositories,
    rules.flatMap((other) => of(other).repositories),
  );
  const tags = examples(
    own.tags,
    rules.flatMap((other) => of(other).tags),
  );
  return [...repositories]
    .flatMap((repository) => [...tags].flatMap((tag) => nameOf(repository, tag)))
    .slice(0, maxExamples);
}

function examples(patterns: readonly string[], others: readonly string[]): Set<string> {
  const fillings = new Set(['w', ...others.map((other) => fill(other, 'w'))]);
  return new Set(
    patterns.flatMap((pattern) =>
      [...fillings].slice(0, maxExamples).map((filling) => fill(pattern, filling)),
    ),
  );
}

function fill(pattern: string, filling: string): string {
  const segment = filling.includes('/') ? 'w' : filling;
  return pattern.replace(/\*\*|\*|\?/g, (wildcard) => {
    if (wildcard === '**') return filling;
    return wildcard === '*' ? segment : filling.charAt(0);
  });
}

function nameOf(repository: string, tag: string): NamedImage[] {
  const checkedRepository = RepositoryName.safeParse(repository);
  const checkedTag = Tag.safeParse(tag);
  if (!checkedRepository.success || !checkedTag.success) return [];
  return [{ repository: checkedRepository.data, tag: checkedTag.data }];
}
