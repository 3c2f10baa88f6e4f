import { TopologyError } from './topology-error.js';

/** The part that matters of core-rest-pipeline's `RestError`, which the administration client throws. */
interface RestError extends Error {
  code?: string;
  statusCode?: number;
}

// A management call is answered within a second or two; the client itself would wait for ever.
const callMs = 30_000;

export function callOptions(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(callMs) };
}

/** The result of a call about an entity; `undefined` when there is no such entity. */
export async function orMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isRestError(error) && error.code === 'MessageEntityNotFoundError') return undefined;
    throw error;
  }
}

/** Does nothing when somebody else has made the same entity in the meantime. */
export async function orMadeAlready(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isRestError(error) || error.code !== 'MessageEntityAlreadyExistsError') throw error;
  }
}

/** Runs calls of the administration API, and says in words of our own why one of them failed. */
export async function administering<T>(host: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(host, error);
  }
}

function explain(host: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TopologyError) return error;
  const statusCode = isRestError(error) ? error.statusCode : undefined;
  if (statusCode === 401 || statusCode === 403 || /credential|authentication/i.test(error.name)) {
    const message = `${host} does not let this identity manage its entities: give it the role Azure Service Bus Data Owner, or use a connection string with the claim Manage (${detail(error)})`;
    return new TopologyError('access-refused', message, { cause: error });
  }
  if (statusCode !== undefined) {
    return new TopologyError('refused', `${host} refused a change of its entities: ${detail(error)}`, {
      cause: error,
    });
  }
  const message = `The administration API of ${host} cannot be reached (${detail(error)}): check the name in the section messaging, and that this machine may connect to it`;
  return new TopologyError('not-reachable', message, { cause: error });
}

// The service appends tracking ids and a link to what it has to say.
function detail({ message, name }: Error): string {
  const [sentence = ''] = message.split(/\s*(?:TrackingId|To know more visit)/, 1);
  return (sentence.trim() === '' ? name : sentence.trim()).slice(0, 300).replace(/[.:]$/, '');
}

function isRestError(error: unknown): error is RestError {
  return error instanceof Error && error.name === 'RestError';
}
