/** What a verb may say and ask while it works. Its answer is printed by the command line, not by the verb. */
export interface Console {
  /** Whether a person is there to be asked. */
  canAsk: boolean;
  /** Tells something before a question; never part of the answer. */
  tell(line: string): void;
  /** Whether a person agrees. */
  confirm(question: string): Promise<boolean>;
  /** Shows how far long work has come. @param total unknown when absent */
  progress(label: string, total?: number): Progress;
  /** All of standard input, up to a number of bytes. @throws UsageError when there is more */
  read(maxBytes: number): Promise<Buffer>;
}

export interface Progress {
  at(done: number): void;
  /** Takes the bar away. */
  end(): void;
}
