import type { FilterableMessage, SystemField } from '../message.js';
import type { Operand } from './compare-values.js';
import { FilterError } from './filter-error.js';

/** Reads one property of a message. */
export type PropertyReader = (message: FilterableMessage) => Operand;

/** Names after `sys.`, in lower case; `label` is the older name of the subject. */
const SYSTEM_FIELDS: Readonly<Record<string, SystemField>> = {
  contenttype: 'contentType',
  correlationid: 'correlationId',
  label: 'subject',
  messageid: 'messageId',
  replyto: 'replyTo',
  replytosessionid: 'replyToSessionId',
  sessionid: 'sessionId',
  subject: 'subject',
  to: 'to',
};

/** System properties that Azure knows and the emulator does not evaluate. */
const UNSUPPORTED = new Set(
  'deliverycount enqueuedsequencenumber enqueuedtimeutc expiresatutc partitionkey scheduledenqueuetimeutc sequencenumber size timetolive'.split(
    ' ',
  ),
);

/** A property of the system scope. Azure reports a name that it does not know as an error; so does this. */
export function systemProperty(name: string): PropertyReader {
  const key = name.toLowerCase();
  const field = Object.hasOwn(SYSTEM_FIELDS, key) ? SYSTEM_FIELDS[key] : undefined;
  if (field !== undefined) return (message) => message.system[field];
  if (UNSUPPORTED.has(key))
    throw new FilterError('not-implemented', `The emulator cannot filter on sys.${name}.`);
  throw new FilterError('syntax', `There is no system property 'sys.${name}'.`);
}

/** A property that the sender set. Names are looked up exactly first, then without regard to case. */
export function userProperty(name: string): PropertyReader {
  const folded = name.toLowerCase();
  return ({ application }) => {
    if (application.has(name)) return application.get(name);
    for (const [key, value] of application) if (key.toLowerCase() === folded) return value;
    return undefined;
  };
}
