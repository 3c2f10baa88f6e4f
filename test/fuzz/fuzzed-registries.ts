import { RegistryHost, RegistryName } from '@pratique/contracts';
import { registries, type RegistriesSection, type TrustSources, trustSources } from '@pratique/registries';
import type { ContractSender } from '../../libs/registries/src/contract-sender.contract.js';
import { contractSenders } from '../../libs/registries/src/contract-senders.contract.js';
import { keySetOf } from '../../libs/registries/src/oidc-sender.contract.js';
import type { RawWebhook } from '../../libs/registries/src/raw-webhook.js';
import { recordedDeliveries, recordingsOf } from '../../libs/registries/src/recorded-deliveries.contract.js';
import { addressOf, certificateOf } from '../../libs/registries/src/sns-sender.contract.js';

/** A registry that is attacked: one for each way in which a kind proves itself. */
export interface FuzzedRegistry {
  name: string;
  kind: string;
  sender: ContractSender;
  settings: RegistriesSection[number];
  /** What it sends, without a proof. */
  recorded: readonly [RawWebhook, ...RawWebhook[]];
}

// The allowance is out of the way: a delivery that is put off is not looked at.
const rateLimit = { perSecond: 100_000, burst: 1_000_000 };

export function fuzzedRegistries(): FuzzedRegistry[] {
  return registries.flatMap(({ kind }) =>
    contractSenders[kind].map((sender, index) => {
      const name = index === 0 ? kind : `${kind}-${index}`;
      return {
        name,
        kind,
        sender,
        settings: settingsOf(name, kind, sender),
        recorded: recordedBy(kind, sender),
      };
    }),
  );
}

function settingsOf(name: string, kind: string, sender: ContractSender): RegistriesSection[number] {
  const { host = 'registry.example', settings = {}, recordedUnder: secret } = sender;
  return {
    name: RegistryName.parse(name),
    kind,
    host: RegistryHost.parse(host),
    ...settings,
    webhook: { ...sender.webhook({ secret }), rateLimit },
  } as unknown as RegistriesSection[number];
}

function recordedBy(kind: string, sender: ContractSender): FuzzedRegistry['recorded'] {
  const deliveries = recordingsOf(kind)
    .filter((name) => sender.recordings?.test(name) ?? true)
    .flatMap((name) => recordedDeliveries(kind, name))
    .map(now);
  const [first, ...rest] = deliveries;
  if (first === undefined) throw new Error(`there are no recordings of ${kind}`);
  return [first, ...rest];
}

/** As if it were sent now: SNS and Nexus sign when they sent, and an old delivery is refused. */
function now(delivery: RawWebhook): RawWebhook {
  const receivedAt = new Date();
  const body = delivery.body
    .toString()
    .replaceAll(/("timestamp": ?)"[^"]*"/gi, (_, key: string) => `${key}"${receivedAt.toISOString()}"`);
  return { ...delivery, receivedAt, body: Buffer.from(body) };
}

/** Where the proofs of all senders are checked: a certificate that holds for long, and the keys. Nothing is fetched. */
export function sourcesOf(fuzzed: readonly FuzzedRegistry[]): TrustSources {
  const secretOf = (kind: string): string =>
    fuzzed.findLast((registry) => registry.kind === kind)?.sender.recordedUnder ?? '';
  const ofSns = secretOf('ecr');
  const text = certificateOf(ofSns, undefined, new Date('2049-01-01T00:00:00Z'));
  const { certificate } = trustSources((address) =>
    Promise.resolve(address === addressOf(ofSns) ? { status: 200, text } : { status: 404, text: '' }),
  );
  const { keys } = keySetOf(secretOf('artifact-registry'));
  return { certificate, keys, visit: () => Promise.resolve() };
}
