/**
 * The entities of a Service Bus namespace, with the rules by which its administration API takes and refuses changes:
 * https://learn.microsoft.com/rest/api/servicebus/entities
 */
export interface AtomReply {
  status: number;
  /** The name of the description's element and what is in it; several for a list; none for "there is no such thing". */
  entries?: { id: string; element: string; xml: string }[];
  detail?: string;
}

export interface AtomRequest {
  method: string;
  /** Decoded, without slashes at its ends. */
  path: string;
  /** `If-Match: *`: change what exists. */
  update: boolean;
  xml: string;
  skip: number;
  top: number;
}

interface Rule {
  name: string;
  filter: string;
  action: string;
}

interface Subscription {
  name: string;
  fields: Map<string, string>;
  rules: Map<string, Rule>;
}

interface Topic {
  name: string;
  fields: Map<string, string>;
  subscriptions: Map<string, Subscription>;
}

const topicDefaults = {
  DefaultMessageTimeToLive: 'P10675199DT2H48M5.4775807S',
  MaxSizeInMegabytes: '1024',
  RequiresDuplicateDetection: 'false',
  DuplicateDetectionHistoryTimeWindow: 'PT10M',
  EnableBatchedOperations: 'true',
  Status: 'Active',
  SupportOrdering: 'true',
  AutoDeleteOnIdle: 'P10675199DT2H48M5.4775807S',
  EnablePartitioning: 'false',
  EntityAvailabilityStatus: 'Available',
  EnableExpress: 'false',
};

const subscriptionDefaults = {
  LockDuration: 'PT1M',
  RequiresSession: 'false',
  DefaultMessageTimeToLive: 'P10675199DT2H48M5.4775807S',
  DeadLetteringOnMessageExpiration: 'false',
  DeadLetteringOnFilterEvaluationExceptions: 'true',
  MaxDeliveryCount: '10',
  EnableBatchedOperations: 'true',
  Status: 'Active',
  ForwardTo: '',
  AutoDeleteOnIdle: 'P10675199DT2H48M5.4775807S',
  EntityAvailabilityStatus: 'Available',
};

const settledAtCreation = ['RequiresDuplicateDetection', 'RequiresSession', 'EnablePartitioning'];

const notThere: AtomReply = { status: 200, entries: [] };

export class AtomEntities {
  readonly #topics = new Map<string, Topic>();

  answer(request: AtomRequest): AtomReply {
    const [topic = '', , subscription, rules] = request.path.split('/');
    if (subscription === undefined) return this.#topic(request, topic);
    const parent = this.#topics.get(topic.toLowerCase());
    if (parent === undefined) return absent(request, topic);
    if (rules === undefined) return this.#subscription(request, parent, subscription);
    const owner = parent.subscriptions.get(subscription.toLowerCase());
    return owner === undefined ? absent(request, subscription) : answerRules(request, parent, owner);
  }

  #topic(request: AtomRequest, name: string): AtomReply {
    const key = name.toLowerCase();
    const existing = this.#topics.get(key);
    const reply = (topic: Topic): AtomReply => ({
      status: existing === undefined ? 201 : 200,
      entries: [{ id: topic.name, element: 'TopicDescription', xml: fieldsXml(topic.fields) }],
    });
    if (request.method === 'GET') return existing === undefined ? notThere : reply(existing);
    const fields = changedFields(request, { name, defaults: topicDefaults, existing: existing?.fields });
    if ('status' in fields) return fields;
    const topic = { name, subscriptions: new Map<string, Subscription>(), ...existing, fields };
    this.#topics.set(key, topic);
    return reply(topic);
  }

  #subscription(request: AtomRequest, topic: Topic, name: string): AtomReply {
    const key = name.toLowerCase();
    const existing = topic.subscriptions.get(key);
    const reply = (subscription: Subscription): AtomReply => ({
      status: existing === undefined ? 201 : 200,
      entries: [
        {
          id: `${topic.name}/Subscriptions/${subscription.name}`,
          element: 'SubscriptionDescription',
          xml: fieldsXml(subscription.fields),
        },
      ],
    });
    if (request.method === 'GET') return existing === undefined ? notThere : reply(existing);
    const defaults = subscriptionDefaults;
    const fields = changedFields(request, { name, defaults, existing: existing?.fields });
    if ('status' in fields) return fields;
    const subscription = { name, rules: firstRule(request.xml), ...existing, fields };
    topic.subscriptions.set(key, subscription);
    return reply(subscription);
  }
}

/** Of a new subscription: the one that came with it, or `$Default`, which takes everything. */
function firstRule(xml: string): Map<string, Rule> {
  const given = /<DefaultRuleDescription>(.*)<\/DefaultRuleDescription>/s.exec(xml)?.[1];
  const rule =
    given === undefined
      ? {
          name: '$Default',
          filter: '<Filter i:type="TrueFilter"><SqlExpression>1=1</SqlExpression></Filter>',
          action: '',
        }
      : readRule(given);
  return new Map([[rule.name.toLowerCase(), rule]]);
}

function absent({ method }: AtomRequest, name: string): AtomReply {
  return method === 'GET' ? notThere : missing(name);
}

/** What is made must not be there, and what is changed must be. */
function unfit(
  { method, update }: AtomRequest,
  { name, existing }: { name: string; existing: unknown },
): AtomReply | undefined {
  if (method !== 'PUT') return { status: 405, detail: 'Method not allowed.' };
  if (update && existing === undefined) return missing(name);
  return !update && existing !== undefined ? conflict(name) : undefined;
}

function changedFields(
  request: AtomRequest,
  entity: { name: string; defaults: Record<string, string>; existing: Map<string, string> | undefined },
): Map<string, string> | AtomReply {
  const { defaults, existing } = entity;
  const { xml } = request;
  const refusal = unfit(request, entity);
  if (refusal !== undefined) return refusal;
  const withoutRule = xml.replace(/<DefaultRuleDescription>.*<\/DefaultRuleDescription>/s, '');
  const fields = new Map(Object.entries(defaults));
  for (const field of fields.keys()) {
    const value = elementText(withoutRule, field);
    if (value !== undefined) fields.set(field, value);
  }
  const fixed = settledAtCreation.find(
    (field) => (existing?.get(field) ?? fields.get(field)) !== fields.get(field),
  );
  if (fixed !== undefined) {
    return badRequest(`The value for the ${fixed} property of an existing entity cannot be changed.`);
  }
  return outOfRange(fields) ?? fields;
}

function outOfRange(fields: Map<string, string>): AtomReply | undefined {
  const lock = fields.get('LockDuration');
  if (lock !== undefined && !/^PT(?:[1-5]M|(?:[5-9]|[1-9]\d+)S)$/.test(lock)) {
    return badRequest(`The lock duration ${lock} is not between 5 seconds and 5 minutes.`);
  }
  if (Number(fields.get('MaxDeliveryCount') ?? 1) < 1)
    return badRequest('MaxDeliveryCount must be positive.');
  return undefined;
}

function answerRules(request: AtomRequest, topic: Topic, subscription: Subscription): AtomReply {
  const name = request.path.split('/')[4];
  return name === undefined
    ? listRules(request, topic, subscription)
    : changeRule(request, { topic, subscription, name });
}

function listRules({ method, skip, top }: AtomRequest, topic: Topic, subscription: Subscription): AtomReply {
  if (method !== 'GET') return { status: 405, detail: 'Method not allowed.' };
  const rules = [...subscription.rules.values()].slice(skip, skip + top);
  return { status: 200, entries: rules.map((rule) => ruleEntry(topic, subscription, rule)) };
}

function changeRule(
  request: AtomRequest,
  { topic, subscription, name }: { topic: Topic; subscription: Subscription; name: string },
): AtomReply {
  const existing = subscription.rules.get(name.toLowerCase());
  if (request.method === 'GET') {
    if (existing === undefined) return notThere;
    return { status: 200, entries: [ruleEntry(topic, subscription, existing)] };
  }
  if (request.method === 'DELETE') {
    return subscription.rules.delete(name.toLowerCase()) ? { status: 200 } : missing(name);
  }
  const refusal = unfit(request, { name, existing });
  if (refusal !== undefined) return refusal;
  const rule = { ...readRule(request.xml), name };
  subscription.rules.set(name.toLowerCase(), rule);
  return { status: 201, entries: [ruleEntry(topic, subscription, rule)] };
}

function readRule(xml: string): Rule {
  const expression = elementText(/<Filter.*<\/Filter>/s.exec(xml)?.[0] ?? '', 'SqlExpression') ?? '1=1';
  const action = elementText(/<Action.*<\/Action>/s.exec(xml)?.[0] ?? '', 'SqlExpression');
  return {
    name: elementText(xml, 'Name') ?? '$Default',
    filter: `<Filter i:type="SqlFilter"><SqlExpression>${expression}</SqlExpression><CompatibilityLevel>20</CompatibilityLevel></Filter>`,
    action: action === undefined ? '' : `<SqlExpression>${action}</SqlExpression>`,
  };
}

function ruleEntry(topic: Topic, subscription: Subscription, rule: Rule) {
  const type = rule.action === '' ? 'EmptyRuleAction' : 'SqlRuleAction';
  const xml = `${rule.filter}<Action i:type="${type}">${rule.action}</Action><Name>${rule.name}</Name>`;
  const id = `${topic.name}/Subscriptions/${subscription.name}/Rules/${rule.name}`;
  return { id, element: 'RuleDescription', xml };
}

/** As it stands in the document, entities and all. */
function elementText(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

function fieldsXml(fields: Map<string, string>): string {
  return [...fields].map(([name, value]) => (value === '' ? '' : `<${name}>${value}</${name}>`)).join('');
}

function conflict(name: string): AtomReply {
  return {
    status: 409,
    detail: `SubCode=40900. Conflict. The entity '${name}' exists. TrackingId:1, Timestamp:2`,
  };
}

function missing(name: string): AtomReply {
  return {
    status: 404,
    detail: `SubCode=40400. Not Found. The entity '${name}' does not exist. TrackingId:1`,
  };
}

function badRequest(sentence: string): AtomReply {
  return { status: 400, detail: `SubCode=40000. ${sentence} TrackingId:1, SystemTracker:2` };
}
