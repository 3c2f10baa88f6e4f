import type { z } from 'zod';

export interface DescribedIssue {
  path: PropertyKey[];
  message: string;
}

/** Puts a schema's finding into words for a person: what is wrong there, and what would be right. */
export function describeIssue(issue: z.core.$ZodIssue): DescribedIssue[] {
  const path = [...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: 'is not a setting that exists here',
      }));
    case 'invalid_type':
      return [{ path, message: describeType(issue) }];
    case 'invalid_value':
      return [{ path, message: `must be ${alternatives(issue.values)}` }];
    case 'invalid_union':
      return describeUnion(issue);
    default:
      return [{ path, message: issue.message }];
  }
}

function describeType(issue: z.core.$ZodIssueInvalidType): string {
  if (issue.input === undefined) return `is missing: add ${article(issue.expected)}`;
  return `must be ${article(issue.expected)}`;
}

/** Of the ways in which a value may be written, the one that was meant has the useful findings. */
function describeUnion(issue: z.core.$ZodIssueInvalidUnion): DescribedIssue[] {
  if ('options' in issue)
    return [{ path: [...issue.path], message: `must be ${alternatives(issue.options)}` }];
  const meant = issue.errors.find((branch) => branch.length > 0 && branch.every(isAboutContent));
  if (meant === undefined) return [{ path: [...issue.path], message: issue.message }];
  return meant.flatMap((inner) =>
    describeIssue(inner).map(({ path, message }) => ({ path: [...issue.path, ...path], message })),
  );
}

// With the right keys and something wrong in one of them, it was meant so; with other keys, something else was meant.
function isAboutContent(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'custom') return true;
  if (issue.path.length === 0 || issue.code === 'unrecognized_keys') return false;
  return issue.code !== 'invalid_type' || issue.input !== undefined;
}

function alternatives(values: readonly unknown[]): string {
  const names = values.map((value) => `"${String(value)}"`);
  return names.length === 1 ? (names[0] ?? '') : `one of ${names.join(', ')}`;
}

function article(expected: string): string {
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}
