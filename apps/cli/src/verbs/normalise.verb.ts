import { configPath } from '@pratique/config';
import { deliveryOf } from '../read-delivery.js';
import { type Rehearsed, rehearsalOf, rehearse } from '../rehearsal.js';
import { type Answer, defineVerb } from '../verb.js';

// As much as ingress takes.
const maxBodyBytes = 1024 * 1024;

export const normaliseVerb = defineVerb({
  name: 'normalise',
  summary: 'show what a webhook’s body becomes: the events that ingress would publish',
  description: `
Reads the body of a webhook from standard input and prints the registry events that ingress would publish, one line of
JSON (a whole CloudEvent) each. A body of no interest, such as a ping or the upload of a layer, gives no line. It looks at no
signature and no secret, and needs no running service: a 2xx from ingress takes a proof besides.

Without --registry the settings are those of the example on the kind's page in docs/registries; the registry is then called
like its kind. Some kinds need headers: binary CloudEvents (cloudevents, zot), GitHub's and Gitea's ids.`,
  words: ['KIND'],
  options: {
    headers: { type: 'string', value: 'FILE', help: 'the headers of the delivery: one JSON object of texts' },
    host: {
      type: 'string',
      value: 'HOST',
      help: 'the host of the registry, for kinds that tell of several (artifact-registry, ecr, cdevents)',
    },
    registry: {
      type: 'string',
      value: 'NAME',
      help: 'use the settings of this registry of the configuration',
    },
    config: {
      type: 'string',
      value: 'FILE',
      help: 'the file; default: $PRATIQUE_CONFIG, else pratique.yaml',
    },
  },
  examples: [
    'pratique normalise acr < body.json',
    'pratique normalise ghcr --headers headers.json < body.json',
    'pratique normalise generic --registry mirror < body.json',
  ],
  exitCodes: {
    0: 'the body is understood, whether it is of interest or not',
    1: 'it would be refused as malformed',
  },
  run: async ({ headers, host, registry, config = configPath() }, console, [kind]) => {
    const rehearsal = rehearsalOf(kind, { config, registry, host });
    const delivery = deliveryOf(await console.read(maxBodyBytes), headers);
    const rehearsed = rehearse(rehearsal, delivery);
    const why = noEventsBecause(rehearsed);
    if (why !== undefined) console.tell(why);
    return answerOf(rehearsed);
  },
});

function noEventsBecause(rehearsed: Rehearsed): string | undefined {
  if ('refused' in rehearsed) return `It would be refused as malformed: ${rehearsed.refused}.`;
  if ('handshake' in rehearsed)
    return `A question of the sender before it delivers: it would be answered 200 ${JSON.stringify(rehearsed.handshake)}`;
  return rehearsed.events.length === 0
    ? 'Understood, and of no interest: it would be answered 200, and nothing published.'
    : undefined;
}

function answerOf(rehearsed: Rehearsed): Answer {
  const events = 'events' in rehearsed ? rehearsed.events : [];
  return {
    exitCode: 'refused' in rehearsed ? 1 : 0,
    document: rehearsed,
    lines: events.map((event) => JSON.stringify(event)),
  };
}
