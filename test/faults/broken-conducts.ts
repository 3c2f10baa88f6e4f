import { randomUUID } from 'node:crypto';
import { deriveId } from '@pratique/contracts';
import { type Conduct, properConduct, type Task } from './conduct.js';

/** Ways to do it wrong that a test of faults must find. `complaint`: what the checker is to say of it. */
export const brokenConducts: readonly { what: string; complaint: RegExp; conduct: Conduct }[] = [
  {
    what: 'lets the message be completed before it acts',
    complaint: /never (released|copied)/,
    conduct: (task) => {
      properConduct(task).catch(() => undefined);
      return Promise.resolve();
    },
  },
  {
    what: 'derives its effect from the attempt',
    complaint: /2 times or more/,
    conduct: (task) =>
      properConduct({
        ...task,
        act: (effect) => task.act({ ...effect, key: `${effect.key} ${task.delivery.attempt}` }),
      }),
  },
  {
    what: 'acts twice for one delivery',
    complaint: /acts of \w+ for \d+ deliveries/,
    conduct: (task) =>
      properConduct({
        ...task,
        act: (effect) => {
          task.act(effect);
          task.act(effect);
        },
      }),
  },
  {
    what: 'derives the id of its outcome from the attempt',
    complaint: /outcomes that nothing led to/,
    conduct: (task) => properConduct({ ...task, outcomes: renamingOutcomes(task) }),
  },
  {
    what: 'gives the event that follows a new id every time',
    complaint: /outcomes that nothing led to|2 times or more/,
    conduct: (task) => properConduct({ ...task, events: renamingEvents(task) }),
  },
  {
    what: 'tells no outcome',
    complaint: /no outcome/,
    conduct: (task) => properConduct({ ...task, outcomes: { publish: () => Promise.resolve() } }),
  },
];

function renamingOutcomes({ outcomes, delivery }: Task): Task['outcomes'] {
  return {
    publish: (outcome, until) =>
      outcomes.publish(
        delivery.attempt === 1 ? outcome : { ...outcome, id: deriveId(outcome.id, String(delivery.attempt)) },
        until,
      ),
  };
}

function renamingEvents({ events }: Task): Task['events'] {
  return {
    publish: (all) => events.publish([all].flat().map((event) => ({ ...event, id: randomUUID() }))),
  };
}
