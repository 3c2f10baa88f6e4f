import { entryPath, shown } from './entry-path.js';
import { blockSize, isZeroBlock, readTarHeader, type TarHeader } from './tar-header.js';
import { isMetadata, TarMetadata } from './tar-metadata.js';
import { notReadable, tooMuch } from './unscannable-error.js';

/** Takes the bytes of one file, in order. */
export interface FileSink {
  /** The bytes are there until it returns; what is to be kept has to be copied. */
  write(bytes: Buffer): void;
  end(): void;
}

export interface TarEntry {
  path: string;
  /** Bytes of content; links and devices have none. */
  size: number;
  kind: 'file' | 'link' | 'device';
}

export interface TarVisitor {
  /** Called for everything but folders; may return a taker of the content. */
  entry(entry: TarEntry): FileSink | undefined;
}

export interface TarLimits {
  entries: number;
}

// Go's reader allows 1 MiB for a PAX header too.
const maxMetadataBytes = 1024 * 1024;

const kinds: Readonly<Record<string, TarEntry['kind'] | 'folder'>> = {
  '0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'link',
  '3': 'device',
  '4': 'device',
  '6': 'device',
  '5': 'folder',
};

/**
 * Lists a tar archive as it streams by. Nothing is written anywhere, and nothing but a header is held.
 *
 * It is its own reader because it must be stricter than those that unpack: `tar-stream` reads on behind the end of the
 * archive, where Go's reader stops, and gives content to links, which Go's does not. What two readers would understand
 * differently is refused.
 */
export class TarReader {
  private state: 'header' | 'metadata' | 'content' | 'trailer' = 'header';
  private pending: Buffer[] = [];
  private missing = blockSize;
  private padding = 0;
  private zeroBlocks = 0;
  private entries = 0;
  private sink: FileSink | undefined;
  private metadataType = '';
  private readonly metadata = new TarMetadata();

  constructor(
    private readonly visitor: TarVisitor,
    private readonly limits: TarLimits,
  ) {}

  /**
   * @param chunk may be overwritten as soon as it returns
   * @throws UnscannableError
   */
  write(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.state === 'trailer') {
        requireZeros(rest);
        return;
      }
      const part = rest.subarray(0, this.missing);
      rest = rest.subarray(part.length);
      this.missing -= part.length;
      if (this.state === 'content') this.sink?.write(part.subarray(0, this.contentOf(part)));
      else this.pending.push(this.missing === 0 ? part : Buffer.from(part));
      if (this.missing === 0) this.advance();
    }
  }

  /** @throws UnscannableError when the archive breaks off */
  end(): void {
    const between = this.state === 'header' && this.missing === blockSize;
    if (this.state !== 'trailer' && !between) throw notReadable('the archive breaks off');
    this.metadata.requireNone();
  }

  /** How much of a part is content; what follows is padding up to the end of the block. */
  private contentOf(part: Buffer): number {
    return Math.max(0, part.length - Math.max(0, this.padding - this.missing));
  }

  private advance(): void {
    if (this.state === 'content') {
      this.sink?.end();
      this.expectHeader();
      return;
    }
    const bytes = this.pending.length === 1 ? (this.pending[0] as Buffer) : Buffer.concat(this.pending);
    this.pending = [];
    if (this.state === 'header') {
      this.takeHeader(bytes);
      return;
    }
    this.metadata.take(this.metadataType, bytes.subarray(0, bytes.length - this.padding));
    this.expectHeader();
  }

  private takeHeader(block: Buffer): void {
    if (isZeroBlock(block)) {
      this.takeZeroBlock();
      return;
    }
    if (this.zeroBlocks > 0) throw notReadable('something follows the end of the archive');
    this.entries += 1;
    if (this.entries > this.limits.entries) throw tooMuch(`it has more than ${this.limits.entries} entries`);
    const header = readTarHeader(block);
    if (isMetadata(header)) this.expectMetadata(header);
    else this.enter(this.metadata.applyTo(header));
  }

  private takeZeroBlock(): void {
    this.metadata.requireNone();
    this.zeroBlocks += 1;
    this.expectHeader();
    if (this.zeroBlocks === 2) this.state = 'trailer';
  }

  private enter(header: TarHeader): void {
    const entry = entryOf(header);
    this.sink = entry && this.visitor.entry(entry);
    this.expect('content', header.size);
    if (this.missing === 0) this.advance();
  }

  private expectMetadata({ type, size }: TarHeader): void {
    if (size > maxMetadataBytes) throw tooMuch(`a header is longer than ${maxMetadataBytes} bytes`);
    if (size === 0) throw notReadable('a header is empty');
    this.metadataType = type;
    this.expect('metadata', size);
  }

  private expectHeader(): void {
    this.state = 'header';
    this.missing = blockSize;
    this.padding = 0;
    this.sink = undefined;
  }

  private expect(state: 'metadata' | 'content', size: number): void {
    this.state = state;
    this.padding = (blockSize - (size % blockSize)) % blockSize;
    this.missing = size + this.padding;
  }
}

/** @returns undefined for a folder */
function entryOf({ name, size, type }: TarHeader): TarEntry | undefined {
  const kind = kinds[type];
  if (kind === undefined) throw notReadable(`"${shown(name)}" is of an unknown kind`);
  // Readers disagree on whether anything but a file can have content, and so on where the next header is.
  if (kind !== 'file' && size > 0) throw notReadable(`"${shown(name)}" has content, and is not a file`);
  const path = entryPath(name);
  if (kind === 'folder') return undefined;
  // Before POSIX, a folder was an empty file whose name ends so; with content, readers disagree again.
  if (path === '' || name.endsWith('/')) throw notReadable(`"${shown(name)}" names no file`);
  return { path, size, kind };
}

function requireZeros(bytes: Buffer): void {
  if (!isZeroBlock(bytes)) throw notReadable('something follows the end of the archive');
}
