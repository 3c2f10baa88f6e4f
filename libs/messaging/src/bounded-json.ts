// Far deeper than any of our messages, far shallower than what overflows a stack in the code behind the parser.
const maxDepth = 64;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const [quote, backslash] = [0x22, 0x5c];
const openers = new Set([0x7b, 0x5b]);
const closers = new Set([0x7d, 0x5d]);

export type BoundedJson = { ok: true; value: unknown } | { ok: false; why: string };

/**
 * Parses JSON that a stranger may have written. `JSON.parse` itself survives any nesting, but whatever walks the result
 * (validation, `JSON.stringify`, `structuredClone`) does not, so depth is checked on the text before it is parsed.
 */
export function parseBoundedJson(bytes: Uint8Array, maxBytes: number): BoundedJson {
  if (bytes.byteLength > maxBytes) {
    return { ok: false, why: `the body has ${bytes.byteLength} bytes, more than the ${maxBytes} allowed` };
  }
  try {
    const text = utf8.decode(bytes);
    if (isDeeperThan(text, maxDepth)) {
      return { ok: false, why: `the body is nested deeper than ${maxDepth} levels` };
    }
    return { ok: true, value: JSON.parse(text) };
  } catch {
    // Both the decoder and the parser quote the input in their messages, which then would travel into logs.
    return { ok: false, why: 'the body is not JSON in UTF-8' };
  }
}

/** A loop and not an expression: one that skips strings takes quadratic time on a string that never ends. */
function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  for (let index = 0; index < text.length && depth <= limit; index += 1) {
    const character = text.charCodeAt(index);
    if (character === quote) index = endOfString(text, index);
    else if (openers.has(character)) depth += 1;
    else if (closers.has(character)) depth -= 1;
  }
  return depth > limit;
}

/** Where the string that begins at `start` has its closing quote. */
function endOfString(text: string, start: number): number {
  // The next quote closes the string, unless a backslash stands before it; those are few in what we are sent.
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    if (!isEscaped(text, end)) return end;
  }
  return text.length;
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(index - 1 - backslashes) === backslash) backslashes += 1;
  return backslashes % 2 === 1;
}
