/**
 * Small durable records by key. A key is a relative path of plain segments (`team/api/_tags/…`). A write that has
 * resolved survives the process; one that was cut off leaves the old record.
 */
export interface RecordStore {
  /** Every record there is, once at start. */
  load(): Promise<ReadonlyMap<string, string>>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}
