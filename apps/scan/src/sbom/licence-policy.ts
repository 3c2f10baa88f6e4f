import parse from 'spdx-expression-parse';

export interface LicenceRules {
  /** SPDX ids; `*` stands for anything. */
  allow?: readonly string[] | undefined;
  deny?: readonly string[] | undefined;
}

/** `unknown`: it is no SPDX expression, so nobody can tell what it asks. */
export type LicenceAnswer = 'borne' | 'refused' | 'unknown';

/** Whether one may use something under an expression: of `OR` one may choose, of `AND` all count. */
export function judgeLicence(expression: string, rules: LicenceRules): LicenceAnswer {
  const tree = parsed(expression);
  if (tree === undefined) {
    // A name that is no expression may still be one that somebody has ruled on.
    return isNamed(expression, rules) ? ruledOn(expression, rules) : 'unknown';
  }
  return isBorne(tree, rules) ? 'borne' : 'refused';
}

type Tree = ReturnType<typeof parse>;

function parsed(expression: string): Tree | undefined {
  try {
    return parse(expression);
  } catch {
    return undefined;
  }
}

function isBorne(tree: Tree, rules: LicenceRules): boolean {
  if ('conjunction' in tree) {
    const [left, right] = [isBorne(tree.left, rules), isBorne(tree.right, rules)];
    return tree.conjunction === 'or' ? left || right : left && right;
  }
  return ruledOn(tree.license, rules) === 'borne';
}

function ruledOn(id: string, { allow, deny = [] }: LicenceRules): 'borne' | 'refused' {
  if (matches(deny, id)) return 'refused';
  return allow === undefined || matches(allow, id) ? 'borne' : 'refused';
}

function isNamed(id: string, { allow = [], deny = [] }: LicenceRules): boolean {
  return matches(allow, id) || matches(deny, id);
}

/** SPDX ids are compared without regard to case. https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/ */
function matches(globs: readonly string[], id: string): boolean {
  return globs.some((glob) => {
    const pieces = glob.toLowerCase().split('*');
    const [first = '', ...rest] = pieces;
    const found = id.toLowerCase();
    if (rest.length === 0) return found === first;
    if (!found.startsWith(first)) return false;
    let from = first.length;
    for (const piece of rest.slice(0, -1)) {
      const at = found.indexOf(piece, from);
      if (at < 0) return false;
      from = at + piece.length;
    }
    const last = rest.at(-1) ?? '';
    return found.length - last.length >= from && found.endsWith(last);
  });
}
