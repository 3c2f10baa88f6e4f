import {
  deriveId,
  type Outcome,
  outcomeOfEvent,
  outcomeWithoutEvent,
  outcomeType,
  type RegistryEvent,
  type SubscriptionName,
} from '@pratique/contracts';

export interface DeadLetter {
  subscription: SubscriptionName;
  why: string;
  attempt: number;
  messageId: string;
  at: Date;
}

// The description of a dead letter and the sentence of an outcome have limits of their own (4096 and 2048 characters).
const longestWhy = 1500;

/** Tells that a message does not match its contract. Nothing of the message but its id is repeated. */
export function contractViolationOutcome(letter: DeadLetter): Outcome {
  const kind = 'dead-letter.contract-violation';
  return outcomeWithoutEvent(kind, [letter.messageId, letter.subscription], {
    service: letter.subscription,
    at: letter.at,
    data: {
      reason: 'not-in-contract',
      severity: 'error',
      message: `The subscription ${letter.subscription} refused message ${letter.messageId}, because it does not match its contract: ${short(letter.why)}`,
      details: detailsOf(letter),
    },
  });
}

/** Tells that an event was given up after its last attempt. */
export function givenUpOutcome(event: RegistryEvent, letter: DeadLetter): Outcome {
  const kind = 'dead-letter.unclassified';
  const { registry, repository, tag, digest } = event.data;
  const outcome = outcomeOfEvent(kind, event, {
    service: letter.subscription,
    at: letter.at,
    data: {
      reason: 'attempts-exhausted',
      severity: 'error',
      message: `The subscription ${letter.subscription} gave up on ${event.type} of ${event.subject} after ${letter.attempt} attempts: ${short(letter.why)}`,
      image: { registry, repository, tag, digest },
      details: detailsOf(letter),
    },
  });
  // Several subscriptions may give up on the same event, and each is an outcome of its own.
  return { ...outcome, id: deriveId(outcomeType(kind), event.id, letter.subscription) };
}

/** A dead letter's reason, in the length that its description may have. */
export function short(why: string): string {
  return why.length <= longestWhy ? why : `${why.slice(0, longestWhy)}…`;
}

function detailsOf(letter: DeadLetter): { subscription: string; messageId: string; attempt: number } {
  return { subscription: letter.subscription, messageId: letter.messageId, attempt: letter.attempt };
}
