// Far deeper than any of our messages, far shallower than what overflows a stack in the code behind the parser.
const maxDepth = 64;

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
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
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
    const character = text.charAt(index);
    if (character === '"') index = endOfString(text, index);
    else if ('{['.includes(character)) depth += 1;
    else if ('}]'.includes(character)) depth -= 1;
  }
  return depth > limit;
}

/** Where the string that begins at `start` has its closing quote. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index;
}
