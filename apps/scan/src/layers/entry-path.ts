import { notReadable, tooMuch } from './unscannable-error.js';

const maxPathLength = 4096;

/** A segment that is empty, `.` or `..`, or a zero byte. */
const unusual = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/**
 * The path at which an entry ends up, relative to where it is unpacked: `./a//b` and `/a/b` are both `a/b`.
 *
 * @throws UnscannableError for a path that climbs (`..`): where it leads depends on who unpacks it
 */
export function entryPath(name: string): string {
  if (name.length > maxPathLength) throw tooMuch(`a path is longer than ${maxPathLength} characters`);
  if (!unusual.test(name)) return name;
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) throw notReadable(`the path "${shown(name)}" climbs out of its folder`);
  if (name.includes('\0')) throw notReadable(`the path "${shown(name)}" contains NUL`);
  return segments.join('/');
}

/** A path for a sentence: bounded, on one line. */
export function shown(path: string): string {
  const line = path.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]/gu, '?');
  return line.length <= 160 ? line : `${line.slice(0, 160)}…`;
}
