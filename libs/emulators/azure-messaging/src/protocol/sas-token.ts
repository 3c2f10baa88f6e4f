import { createHmac, timingSafeEqual } from 'node:crypto';

export interface SharedAccessKey {
  readonly name: string;
  readonly key: string;
}

export interface SasToken {
  /** What the token gives access to: this path and everything below it. */
  readonly resource: string;
  /** Unix ms. */
  readonly expiresAt: number;
}

/** A real token has some 300 characters. */
const MAX_LENGTH = 4096;
const PREFIX = 'SharedAccessSignature ';

/**
 * Checks a shared access signature against the key: `sig` must be the base64 of HMAC-SHA256 over the encoded resource, a
 * line feed and the expiry. Gives the reason as a string when it is refused. `now` is a Unix time in ms.
 * https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas
 */
export function verifySasToken(token: string, key: SharedAccessKey, now: number): SasToken | string {
  const fields = parseToken(token);
  if (fields === undefined) return 'The token is no complete shared access signature.';
  const expected = createHmac('sha256', key.key)
    .update(`${fields.resource}\n${fields.expiry}`)
    .digest('base64');
  if (!sameText(decoded(fields.signature), expected) || decoded(fields.keyName) !== key.name) {
    return 'The signature does not match; check the name and the value of the shared access key.';
  }
  const expiresAt = Number(fields.expiry) * 1000;
  if (expiresAt <= now) return 'The shared access signature has expired.';
  return { resource: decoded(fields.resource), expiresAt };
}

interface TokenFields {
  readonly resource: string;
  readonly signature: string;
  readonly expiry: string;
  readonly keyName: string;
}

function parseToken(token: string): TokenFields | undefined {
  if (token.length > MAX_LENGTH || !token.startsWith(PREFIX)) return undefined;
  const fields = new Map(token.slice(PREFIX.length).split('&').map(splitField));
  const field = (name: string): string => fields.get(name) ?? '';
  const parsed = {
    resource: field('sr'),
    signature: field('sig'),
    expiry: field('se'),
    keyName: field('skn'),
  };
  const complete = parsed.resource !== '' && parsed.signature !== '' && /^\d{1,12}$/.test(parsed.expiry);
  return complete ? parsed : undefined;
}

function splitField(field: string): [string, string] {
  const equals = field.indexOf('=');
  return [field.slice(0, equals), field.slice(equals + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** Compares digests, which have one length, so that neither content nor length shows in the time taken. */
function sameText(given: string, expected: string): boolean {
  const [first, second] = [given, expected].map((text) =>
    createHmac('sha256', 'compare').update(text).digest(),
  );
  return first !== undefined && second !== undefined && timingSafeEqual(first, second);
}
