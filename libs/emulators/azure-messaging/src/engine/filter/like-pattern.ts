/** One step of a pattern: any run of characters, any one character, or exactly this character. */
type Step =
  { readonly kind: 'run' } | { readonly kind: 'one' } | { readonly kind: 'text'; readonly text: string };

/**
 * Compiles a LIKE pattern: `%` stands for any run of characters, `_` for one, and the escape character takes the next one
 * literally. The match remembers only the last `%`, so its cost is at most text length × pattern length.
 */
export function likePattern(pattern: string, escape?: string): (text: string) => boolean {
  const steps = stepsOf(pattern, escape);
  return (text) => matches(steps, Array.from(text));
}

function stepsOf(pattern: string, escape: string | undefined): Step[] {
  const steps: Step[] = [];
  let literal = false;
  for (const character of pattern) {
    if (!literal && character === escape) literal = true;
    else {
      steps.push(literal ? { kind: 'text', text: character } : stepOf(character));
      literal = false;
    }
  }
  return steps;
}

function stepOf(character: string): Step {
  if (character === '%') return { kind: 'run' };
  return character === '_' ? { kind: 'one' } : { kind: 'text', text: character };
}

function matches(steps: readonly Step[], text: readonly string[]): boolean {
  let position = 0;
  let step = 0;
  let lastRun: { readonly step: number; position: number } | undefined;
  while (position < text.length) {
    const current = steps[step];
    if (current?.kind === 'run') {
      lastRun = { step, position };
      step += 1;
    } else if (current !== undefined && (current.kind === 'one' || current.text === text[position])) {
      step += 1;
      position += 1;
    } else if (lastRun !== undefined) {
      lastRun.position += 1;
      ({ position } = lastRun);
      step = lastRun.step + 1;
    } else {
      return false;
    }
  }
  return steps.slice(step).every(({ kind }) => kind === 'run');
}
