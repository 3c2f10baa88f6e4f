import type { Verb } from '../verb.js';
import { deadLettersDiscardVerb } from './dead-letters-discard.verb.js';
import { deadLettersListVerb } from './dead-letters-list.verb.js';
import { deadLettersReplayVerb } from './dead-letters-replay.verb.js';
import { deadLettersShowVerb } from './dead-letters-show.verb.js';
import { normaliseVerb } from './normalise.verb.js';
import { planVerb } from './plan.verb.js';
import { reconcileVerb } from './reconcile.verb.js';
import { policyTestVerb } from './policy-test.verb.js';
import { topologyApplyVerb } from './topology-apply.verb.js';
import { topologyCheckVerb } from './topology-check.verb.js';
import { topologyPrintVerb } from './topology-print.verb.js';
import { validateVerb } from './validate.verb.js';
import { webhookUrlVerb } from './webhook-url.verb.js';

/** Everything that the command line can do. Its help is made from this list. */
export const verbs: readonly Verb[] = [
  deadLettersDiscardVerb,
  deadLettersListVerb,
  deadLettersReplayVerb,
  deadLettersShowVerb,
  normaliseVerb,
  planVerb,
  reconcileVerb,
  policyTestVerb,
  topologyApplyVerb,
  topologyCheckVerb,
  topologyPrintVerb,
  validateVerb,
  webhookUrlVerb,
];
