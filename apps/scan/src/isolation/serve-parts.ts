import type { MessagePort } from 'node:worker_threads';
import type { PreparedCheck } from '../checks/check.js';
import { prepareAgain } from '../checks/inspecting-checks.js';
import type { CheckOrder, PartJob } from '../part-job.js';
import { readPart } from '../read-part.js';
import { PartInbox } from './part-inbox.js';
import type { FromThread, ToThread } from './thread-messages.js';

export type PrepareCheck = (check: CheckOrder) => Pick<PreparedCheck, 'begin'>;

/**
 * The reading side of a thread: reads one part after the other as it is told to. A bug ends the thread, and whoever
 * started it sees that.
 */
export function servePartsOn(port: MessagePort, prepare: PrepareCheck = prepareAgain): void {
  const tell = (message: FromThread): void => port.postMessage(message, memoryOf(message));
  let current: { inbox: PartInbox; stop: AbortController } | undefined;

  const read = async (job: PartJob): Promise<void> => {
    const inbox = new PartInbox((memory) => tell({ type: 'taken', memory }));
    const stop = new AbortController();
    current = { inbox, stop };
    try {
      const reading = await readPart(job, { bytes: inbox, prepare, signal: stop.signal });
      tell({ type: 'done', reading });
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      tell({ type: 'done', reading: { reports: [] } });
    } finally {
      current = undefined;
    }
  };

  const cancel = (): void => {
    current?.stop.abort();
    current?.inbox.fail(new Error('the part is no longer wanted'));
  };

  port.on('message', (message: ToThread) => {
    switch (message.type) {
      case 'start':
        // A rejection that nobody handles ends the thread with the error that led to it.
        void read(message.job);
        break;
      // What is left of a part that was given up may still arrive.
      case 'bytes':
        current?.inbox.put(message.bytes);
        break;
      case 'end':
        current?.inbox.end();
        break;
      case 'cancel':
        cancel();
        break;
      default:
        message satisfies never;
    }
  });
}

/** What moves to the other side with a message. */
function memoryOf(message: FromThread): ArrayBuffer[] {
  return message.type === 'taken' ? [message.memory] : [];
}
