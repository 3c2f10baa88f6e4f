import { type PaxOverrides, readPaxRecords, requireNoGlobalMeaning } from './pax-records.js';
import type { TarHeader } from './tar-header.js';
import { notReadable } from './unscannable-error.js';

/** The types of header that say something of the entry after them: PAX, global PAX, GNU long link target and long name. */
const types = 'xgKL';

export function isMetadata({ type }: TarHeader): boolean {
  return types.includes(type);
}

/**
 * What precedes an entry and changes its name or size.
 *
 * Go lets a GNU name win over a PAX path, others do not, and the last of two headers wins or the first; so an entry may
 * have one header of a kind, and not one of both kinds.
 */
export class TarMetadata {
  private pax: PaxOverrides | undefined;
  private readonly gnu = new Map<string, string>();

  /** @throws UnscannableError */
  take(type: string, bytes: Buffer): void {
    if (type === 'g') requireNoGlobalMeaning(bytes);
    else if (type === 'x') this.takePax(bytes);
    else this.takeGnu(type, bytes);
    if (this.pax !== undefined && this.gnu.size > 0)
      throw notReadable('an entry has both a PAX and a GNU header');
  }

  /** The header of the entry that follows, as it is meant. */
  applyTo(header: TarHeader): TarHeader {
    const name = this.gnu.get('L') ?? this.pax?.path ?? header.name;
    const size = this.pax?.size ?? header.size;
    this.pax = undefined;
    this.gnu.clear();
    return { ...header, name, size };
  }

  /** @throws UnscannableError when the entry that was announced is missing */
  requireNone(): void {
    if (this.pax !== undefined || this.gnu.size > 0) throw notReadable('a header has no entry');
  }

  private takePax(bytes: Buffer): void {
    if (this.pax !== undefined) throw notReadable('two PAX headers belong to one entry');
    this.pax = readPaxRecords(bytes);
  }

  private takeGnu(type: string, bytes: Buffer): void {
    const end = bytes.indexOf(0);
    const name = end < 0 ? bytes : bytes.subarray(0, end);
    const rest = bytes.subarray(name.length);
    if (this.gnu.has(type) || name.length === 0 || rest.some((byte) => byte !== 0)) {
      throw notReadable('a GNU long name is ambiguous');
    }
    this.gnu.set(type, name.toString('utf8'));
  }
}
