import type { HeardEvent } from '@pratique/contracts';
import { RegistryHost, RegistryName } from '@pratique/contracts';
import type { ContractSender } from './contract-sender.contract.js';
import { contractSenders } from './contract-senders.contract.js';
import type { HandshakeAnswer } from './handshake-answer.js';
import type { RawWebhook } from './raw-webhook.js';
import { recordedDeliveries } from './recorded-deliveries.contract.js';
import { Refusal } from './refusal.js';
import { registryOfKind, type RegistryKind } from './registries.js';
import { trustSources } from './verification/trust-sources.js';

/** What a kind makes of a delivery that proves itself, or of one that does not. */
export async function hearDelivery(
  kind: RegistryKind,
  delivery: RawWebhook,
  options: { sender?: ContractSender; settings?: object } = {},
): Promise<HeardEvent[] | HandshakeAnswer | Refusal> {
  const { sender = senderOf(kind), settings = {} } = options;
  const secrets = { secret: sender.recordedUnder };
  const whole = {
    name: RegistryName.parse('under-test'),
    host: RegistryHost.parse(sender.host ?? 'registry.example'),
    webhook: sender.webhook(secrets),
    ...sender.settings,
    ...settings,
  };
  const sources = sender.sources?.(secrets) ?? trustSources();
  const { verify, normalise } = registryOfKind(kind).webhook;
  const verified = await verify(delivery, whole, sources);
  return verified instanceof Refusal ? verified : normalise(verified, whole);
}

/** The same for JSON that a test makes up, with a proof. */
export async function hearBody(
  kind: RegistryKind,
  body: unknown,
  options: {
    sender?: ContractSender;
    settings?: object;
    headers?: RawWebhook['headers'];
    receivedAt?: Date;
  } = {},
): Promise<HeardEvent[] | HandshakeAnswer | Refusal> {
  const {
    sender = senderOf(kind),
    headers = {},
    receivedAt = new Date('2026-03-04T08:15:31.020Z'),
  } = options;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const delivery = { headers, body: Buffer.from(text), receivedAt };
  return hearDelivery(kind, await sender.sign(delivery, sender.recordedUnder), options);
}

/** What was heard of a recording, in short: `pushed team/app:v1@8fec6f27`; or why not. */
export async function heardInShort(
  kind: RegistryKind,
  recording: string,
  options: { sender?: ContractSender; settings?: object } = {},
): Promise<string[]> {
  const sender =
    options.sender ??
    contractSenders[kind].find(({ recordings }) => recordings?.test(recording) ?? true) ??
    senderOf(kind);
  const short: string[] = [];
  for (const delivery of recordedDeliveries(kind, recording)) {
    const proved = sender.recordedWithoutProof ? await sender.sign(delivery, sender.recordedUnder) : delivery;
    short.push(...inShort(await hearDelivery(kind, proved, { ...options, sender })));
  }
  return short;
}

export function inShort(heard: HeardEvent[] | HandshakeAnswer | Refusal): string[] {
  if (heard instanceof Refusal) return [`${heard.reason}: ${heard.explanation}`];
  if (!Array.isArray(heard)) return [JSON.stringify(heard)];
  return heard.map(({ name, data: { repository, tag, digest } }) => {
    const shortDigest = digest === undefined ? '' : `@${digest.slice(7, 15)}`;
    return `${name} ${repository}${tag === undefined ? '' : `:${tag}`}${shortDigest}`;
  });
}

export function senderOf(kind: RegistryKind): ContractSender {
  const [sender] = contractSenders[kind];
  if (sender === undefined) throw new Error(`nobody sends as ${kind}`);
  return sender;
}
