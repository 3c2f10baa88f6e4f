/**
 * Whether an object in a JSON text has a key twice. JavaScript keeps the last of two, Go lets the fields of two objects add
 * up, and others keep the first: two readers would see two things in one document.
 *
 * A parser drops all but one of them, so the text then has more keys than what was parsed from it.
 *
 * @param text valid JSON
 * @param json what `JSON.parse` made of it
 */
export function hasRepeatedKeys(text: string, json: unknown): boolean {
  return keysWritten(text) !== keysRead(json);
}

/** In valid JSON, quotes enclose strings and nothing else, and a string before a colon is a key. */
function keysWritten(text: string): number {
  let keys = 0;
  for (let start = text.indexOf('"'); start >= 0;) {
    const end = endOfString(text, start);
    let next = end + 1;
    while (isSpace(text.charCodeAt(next))) next += 1;
    if (text[next] === ':') keys += 1;
    start = text.indexOf('"', end + 1);
  }
  return keys;
}

function endOfString(text: string, start: number): number {
  let end = start;
  let escaped = true;
  while (escaped) {
    end = text.indexOf('"', end + 1);
    let before = end - 1;
    while (text[before] === '\\') before -= 1;
    escaped = (end - before) % 2 === 0;
  }
  return end;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Not recursive: a document may be nested as deeply as it is long. */
function keysRead(json: unknown): number {
  let keys = 0;
  const waiting = [json];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    const inner: unknown[] = Object.values(value);
    if (!Array.isArray(value)) keys += inner.length;
    for (const each of inner) waiting.push(each);
  }
  return keys;
}
