/**
 * Something that is about to happen on the wire. `entity`: the topic, queue, subscription, dead-letter queue, event hub, or
 * for deliveries of events `<hub>/ConsumerGroups/<group>/Partitions/<id>`. `outcome`: for dispositions, what the receiver asked for.
 */
export interface EmulatorMoment {
  readonly kind: 'send' | 'event-hub-send' | 'disposition' | 'deliver';
  readonly entity: string;
  readonly messageIds?: string[];
  readonly outcome?: 'complete' | 'abandon' | 'defer' | 'dead-letter';
}

export type EmulatorDecision = 'proceed' | 'drop';

/**
 * A door for tests of faults. It is awaited before the engine applies a moment. 'drop' means that the moment is never applied and never
 * answered, as if the sender had died before the bytes left it; for a delivery the lock has been taken and runs until it expires,
 * as if the receiver had died before the bytes reached it.
 */
export type Interceptor = (moment: EmulatorMoment) => EmulatorDecision | Promise<EmulatorDecision>;

/** Asks the interceptor; without one there is nothing to wait for. The moment is built only when somebody looks at it. */
export function permits(
  interceptor: Interceptor | undefined,
  moment: () => EmulatorMoment,
): true | Promise<boolean> {
  if (interceptor === undefined) return true;
  const decided = Promise.resolve(interceptor(moment())).then((decision) => decision === 'proceed');
  // It may be awaited only after earlier ones; a rejection in between is not an unhandled one.
  decided.catch(() => undefined);
  return decided;
}
