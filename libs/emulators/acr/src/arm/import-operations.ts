import { randomUUID } from 'node:crypto';

import { type ArmError, asArmError } from './arm-error.js';

/** Azure forgets results after a while too; clients then look at the target. */
const maxRememberedOperations = 1000;

interface Operation {
  /** What the undocumented body of a poll names, e.g. `team/api@sha256:…`. */
  readonly subject: string;
  readonly done: Promise<void>;
  state: 'running' | 'succeeded' | ArmError;
  polls: number;
}

/** What a poll of an operation learns. */
export type OperationReport =
  | { readonly state: 'running'; readonly subject: string }
  | { readonly state: 'succeeded' }
  | { readonly state: 'failed'; readonly error: ArmError };

/** Long-running operations by id. They live in memory: after a restart their URLs are 404, as Azure's in time. */
export class ImportOperations {
  readonly #pendingPolls: number;
  readonly #operations = new Map<string, Operation>();

  /** With `pendingPolls`, that many polls say "running" even of an operation that has ended. */
  constructor(pendingPolls: number) {
    this.#pendingPolls = pendingPolls;
  }

  /** Starts work and gives the id to poll. */
  start(subject: string, work: () => Promise<void>): string {
    const id = `registries-${randomUUID()}`;
    const done = work().then(
      () => {
        operation.state = 'succeeded';
      },
      (error: unknown) => {
        operation.state = asArmError(error);
      },
    );
    const operation: Operation = { subject, done, state: 'running', polls: 0 };
    this.#operations.set(id, operation);
    this.#forgetOldest();
    return id;
  }

  /** How an operation stands, or undefined when it is not known (any more). */
  poll(id: string): OperationReport | undefined {
    const operation = this.#operations.get(id);
    if (operation === undefined) return undefined;
    operation.polls += 1;
    const { state, subject } = operation;
    if (state === 'running' || operation.polls <= this.#pendingPolls) return { state: 'running', subject };
    return state === 'succeeded' ? { state } : { state: 'failed', error: state };
  }

  /** Waits until nothing runs. */
  async settled(): Promise<void> {
    await Promise.all([...this.#operations.values()].map(({ done }) => done));
  }

  #forgetOldest(): void {
    const [oldest] = this.#operations.keys();
    if (oldest !== undefined && this.#operations.size > maxRememberedOperations)
      this.#operations.delete(oldest);
  }
}
