/** The truth values of SQL: `undefined` is "unknown", which a rule treats like false but which NOT does not turn round. */
export type Truth = boolean | undefined;

export function not(value: Truth): Truth {
  return value === undefined ? undefined : !value;
}

export function and(left: Truth, right: Truth): Truth {
  if (left === false || right === false) return false;
  return left === undefined || right === undefined ? undefined : true;
}

export function or(left: Truth, right: Truth): Truth {
  return not(and(not(left), not(right)));
}
