import type { Readable } from 'node:stream';

/** First and last byte, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Bytes that are still arriving and have no digest yet. */
export interface StagedContent {
  append(chunk: Buffer): Promise<void>;
  /** Makes the bytes durable under `digest`. The caller has checked that they hash to it. */
  commit(digest: string): Promise<void>;
  discard(): Promise<void>;
}

/** Bytes by digest, shared by all repositories. Content is never changed and only removed when nothing runs. */
export interface ContentStore {
  /** Length in bytes, or undefined when the digest is not stored. */
  size(digest: string): Promise<number | undefined>;
  open(digest: string, range?: ByteRange): Readable;
  read(digest: string): Promise<Buffer>;
  stage(): Promise<StagedContent>;
}
