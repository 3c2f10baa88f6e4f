import type { Verdict } from '../../src/verdict.js';
import type { ForgedImage } from './forged-registry.js';

type Unscannable = Extract<Verdict, { status: 'unscannable' }>['reason'];

/**
 * By what it is: how it must end, and how it is made. It ends as `failed`, with the reason why it is unscannable, or, where what the digest
 * names is no image at all, as an `error` that nobody tries again.
 */
export type HostileTable = Record<
  string,
  [ends: 'failed' | Unscannable, make: () => ForgedImage | Promise<ForgedImage>]
>;
