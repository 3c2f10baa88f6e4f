import type { SubscriptionDeclaration, TopicDeclaration } from '../messaging-topology.js';
import { isoDuration } from './iso-duration.js';
import type { RuleDeclaration, TopologyChange, TopologyFinding } from './topology-finding.js';
import type { ActualRule, ActualSubscription, ActualTopic } from './topology-state.js';

/** The rule that Service Bus gives to a subscription which is created without one: it takes everything. */
const defaultRule = '$Default';

const applied = 'pratique topology apply mends it';

/** What would have to change for a topic to be as it is declared, in an order in which it can be changed. */
export function compareTopic(declared: TopicDeclaration, actual: ActualTopic | undefined): TopologyFinding[] {
  const entity = `topic ${declared.name}`;
  const create: TopologyFinding = {
    entity,
    problem: 'does not exist',
    mend: applied,
    change: { kind: 'create-topic', topic: declared },
  };
  return [
    ...(actual === undefined ? [create] : topicFindings(declared, actual)),
    ...declared.subscriptions.flatMap((subscription) => {
      const existing = actual?.subscriptions.find(({ name }) => sameName(name, subscription.name));
      return compareSubscription({ topic: declared.name, declared: subscription }, existing);
    }),
  ];
}

function topicFindings(declared: TopicDeclaration, { settings }: ActualTopic): TopologyFinding[] {
  if (settings === undefined) return [];
  const entity = `topic ${declared.name}`;
  const { duplicateDetectionWindowMs: actualMs, status } = settings;
  const windows = `${isoDuration(actualMs)} instead of ${isoDuration(declared.duplicateDetectionWindowMs)}`;
  const findings: TopologyFinding[] = [];
  if (actualMs === 0) {
    findings.push({
      entity,
      problem: 'does not detect duplicates, so that an event which is published twice is worked on twice',
      mend: 'that cannot be changed on a topic that exists: let its subscriptions run empty, delete it, and run pratique topology apply',
    });
  } else if (actualMs !== declared.duplicateDetectionWindowMs) {
    findings.push({
      entity,
      problem: `detects duplicates for ${windows}`,
      mend: applied,
      change: { kind: 'update-topic', topic: declared },
    });
  }
  return [...findings, ...statusFindings(entity, status)];
}

function compareSubscription(
  { topic, declared }: { topic: string; declared: SubscriptionDeclaration },
  actual: ActualSubscription | undefined,
): TopologyFinding[] {
  const entity = `subscription ${topic}/${declared.name}`;
  if (actual === undefined) {
    const change: TopologyChange = { kind: 'create-subscription', topic, subscription: declared };
    return [{ entity, problem: 'does not exist', mend: applied, change }];
  }
  const where = { topic, subscription: declared.name };
  return [
    ...settingsFindings({ topic, declared, entity }, actual.settings),
    ...(actual.rules === undefined
      ? []
      : ruleFindings(where, { declared: declared.rules, actual: actual.rules })),
  ];
}

function settingsFindings(
  { topic, declared, entity }: { topic: string; declared: SubscriptionDeclaration; entity: string },
  settings: ActualSubscription['settings'],
): TopologyFinding[] {
  if (settings === undefined) return [];
  const wrong = [
    ...differing(
      'a lock duration',
      isoDuration(settings.lockDurationMs),
      isoDuration(declared.lockDurationMs),
    ),
    ...differing('a delivery count', settings.maxDeliveryCount, declared.maxDeliveryCount),
  ];
  const findings: TopologyFinding[] = [];
  if (wrong.length > 0) {
    const change: TopologyChange = { kind: 'update-subscription', topic, subscription: declared };
    findings.push({ entity, problem: `has ${wrong.join(' and ')}`, mend: applied, change });
  }
  if (settings.sessions) {
    findings.push({
      entity,
      problem: 'requires sessions, in which Pratique does not receive',
      mend: 'that cannot be changed on a subscription that exists: let it run empty, delete it, and run pratique topology apply',
    });
  }
  if (settings.forwardTo !== undefined) {
    findings.push({
      entity,
      problem: `forwards its messages to ${settings.forwardTo}, so that no service is given any`,
      mend: 'take the forwarding away, unless it is meant',
    });
  }
  return [...findings, ...statusFindings(entity, settings.status)];
}

function differing(what: string, actual: string | number, declared: string | number): string[] {
  return actual === declared ? [] : [`${what} of ${actual} instead of ${declared}`];
}

// Somebody may have switched it off for a reason, so it is not switched on again by the way.
function statusFindings(entity: string, status: string): TopologyFinding[] {
  if (status === 'Active') return [];
  return [{ entity, problem: `is ${status}`, mend: 'set its status to Active when it is to work again' }];
}

/**
 * Rules are added before others are taken away: a message that several rules match is delivered once, but one that no
 * rule matches is lost to the subscription.
 */
function ruleFindings(
  where: { topic: string; subscription: string },
  rules: { declared: readonly RuleDeclaration[]; actual: readonly ActualRule[] },
): TopologyFinding[] {
  const entityOf = (rule: string): string => `rule ${where.topic}/${where.subscription}/${rule}`;
  const wanted = rules.declared.flatMap((rule): TopologyFinding[] => {
    const entity = entityOf(rule.name);
    const existing = rules.actual.find(({ name }) => sameName(name, rule.name));
    if (existing === undefined) {
      return [
        { entity, problem: 'does not exist', mend: applied, change: { ...where, kind: 'create-rule', rule } },
      ];
    }
    if (sameFilter(existing, rule)) return [];
    const problem = `takes ${existing.sql ?? 'by another kind of filter'} instead of ${rule.sql}`;
    return [{ entity, problem, mend: applied, change: { ...where, kind: 'update-rule', rule } }];
  });
  const extra = rules.actual
    .filter(({ name }) => !rules.declared.some((rule) => sameName(name, rule.name)))
    .map(({ name }): TopologyFinding => extraRule({ ...where, rule: name }, entityOf(name)));
  return [...wanted, ...extra];
}

function extraRule(
  where: { topic: string; subscription: string; rule: string },
  entity: string,
): TopologyFinding {
  if (sameName(where.rule, defaultRule)) {
    const problem = 'takes every message, other subscriptions’ retries included';
    return { entity, problem, mend: applied, change: { ...where, kind: 'delete-rule' } };
  }
  return {
    entity,
    problem: 'is not one of Pratique’s, and lets further messages in',
    mend: 'delete the rule, unless it is meant',
  };
}

function sameFilter(actual: ActualRule, declared: RuleDeclaration): boolean {
  return (
    actual.sql !== undefined && actual.action === undefined && oneLine(actual.sql) === oneLine(declared.sql)
  );
}

function oneLine(sql: string): string {
  return sql.replace(/\s+/g, ' ').trim();
}

// Service Bus compares the names of entities without regard to case.
function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
