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

/** Of the branches of a union, the one that got furthest is the one that was meant; its findings are the useful ones. */
function describeUnion(issue: z.core.$ZodIssueInvalidUnion): DescribedIssue[] {
  if ('options' in issue)
    return [{ path: [...issue.path], message: `must be ${alternatives(issue.options)}` }];
  const depth = (branch: readonly z.core.$ZodIssue[]): number =>
    branch.some(({ code }) => code === 'custom')
      ? 1
      : Math.max(0, ...branch.map(({ path }) => path.length - 1));
  const meant = issue.errors
    .filter((branch) => branch.length > 0)
    .filter((branch) => depth(branch) > 0)
    .toSorted((a, b) => depth(b) - depth(a))[0];
  if (meant === undefined) return [{ path: [...issue.path], message: issue.message }];
  return meant.flatMap((inner) =>
    describeIssue(inner).map(({ path, message }) => ({ path: [...issue.path, ...path], message })),
  );
}

function alternatives(values: readonly unknown[]): string {
  const names = values.map((value) => `"${String(value)}"`);
  return names.length === 1 ? (names[0] ?? '') : `one of ${names.join(', ')}`;
}

function article(expected: string): string {
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}
