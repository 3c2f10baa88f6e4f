import { TrustSourceError } from './trust-source-error.js';

export interface FetchedText {
  status: number;
  text: string;
}

/** Fetches a small text. Rejects with {@link TrustSourceError} when the other side cannot be reached or is in trouble. */
export type BoundedFetch = (address: string) => Promise<FetchedText>;

// A signing certificate has 2 KB, Google's key set 3 KB.
const maxBytes = 64 * 1024;
// Within the second or so that ingress may spend on a delivery; the most patient sender of this kind waits 15 s.
const patienceMs = 3_000;

/** Fetches over https only, follows no redirect, and reads at most 64 KiB within three seconds. */
export async function boundedFetch(address: string): Promise<FetchedText> {
  const url = new URL(address);
  if (url.protocol !== 'https:')
    throw new TrustSourceError('unusable', `${url.origin} is not an https address: name one that is`);
  return fetchText(url);
}

/** {@link boundedFetch} without its insistence on https. */
export async function fetchText(url: URL): Promise<FetchedText> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(patienceMs) });
    const text = await readText(response);
    if (response.status >= 500 || response.status === 429)
      throw new TrustSourceError('unreachable', `${url.host} answered ${response.status}: try again later`);
    return { status: response.status, text };
  } catch (cause) {
    if (cause instanceof TrustSourceError) throw cause;
    const message = `${url.host} could not be reached: allow this service to connect to it`;
    throw new TrustSourceError('unreachable', message, { cause });
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    if (size > maxBytes)
      throw new TrustSourceError(
        'unusable',
        `the answer is larger than ${maxBytes} bytes: check the address`,
      );
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
