import { createHmac } from 'node:crypto';
import { Secret } from '@pratique/config';
import type { ContractSender, SenderSecrets } from './contract-sender.contract.js';
import { flipped, withFlippedHeader, withHeader } from './flipped-bit.contract.js';
import { snsSender } from './sns-sender.contract.js';
import type { RawWebhook } from './raw-webhook.js';
import { recordedSecret, recordedToken } from './recorded-deliveries.contract.js';
import type { RegistryKind } from './registries.js';
import { oidcSender } from './oidc-sender.contract.js';

function secrets({ secret, previousSecret }: SenderSecrets): object {
  return {
    secret: new Secret(secret),
    ...(previousSecret !== undefined && { previousSecret: new Secret(previousSecret) }),
  };
}

const bearer: ContractSender = {
  name: 'bearer token',
  recordedUnder: recordedSecret,
  webhook: secrets,
  sign: (delivery, secret) => withHeader(delivery, 'authorization', `Bearer ${secret}`),
  forge: (delivery) => [withFlippedHeader(delivery, 'authorization')],
};

function valueOf(header: string): ContractSender {
  return {
    ...bearer,
    name: `value of ${header}`,
    sign: (delivery, secret) => withHeader(delivery, header, secret),
    forge: (delivery) => [withFlippedHeader(delivery, header)],
  };
}

interface Hmac {
  header: string;
  algorithm: 'sha1' | 'sha256';
  prefix?: string;
  signed?(delivery: RawWebhook): Buffer;
}

function hmac({ header, algorithm, prefix = '', signed = ({ body }) => body }: Hmac): ContractSender {
  return {
    ...bearer,
    name: `HMAC in ${header}`,
    sign: (delivery, secret) =>
      withHeader(
        delivery,
        header,
        prefix + createHmac(algorithm, secret).update(signed(delivery)).digest('hex'),
      ),
    forge: (delivery) => [
      withFlippedHeader(delivery, header),
      { ...delivery, body: Buffer.from(flipped(delivery.body.toString('latin1')), 'latin1') },
    ],
  };
}

const pathToken: ContractSender = {
  ...bearer,
  name: 'token in the address',
  recordedUnder: recordedToken,
  sign: (delivery, secret) => ({ ...delivery, pathToken: secret }),
  forge: (delivery) => [{ ...delivery, pathToken: flipped(delivery.pathToken ?? '') }],
};

const illegalWhereFolded = ['../../etc/passwd', 'a'.repeat(256), 'team/app\n', ''];

function named(body: string, repository: string): string {
  return body.replaceAll(/"name": ?"(?:charts\/)?poi"/g, () => `"name":${JSON.stringify(repository)}`);
}

function renamedImage(body: string, repository: string): string {
  return body.replaceAll('"tripinsights/poi"', () => JSON.stringify(repository));
}

const folding = { rename: named, illegalNames: illegalWhereFolded };

const mappedFields = {
  repository: '/image/path',
  tag: '/image/tag',
  digest: '/image/digest',
  at: '/when',
  id: '/id',
};
const mapped = {
  list: '/changes',
  type: '/what',
  events: { pushed: ['added', 'replaced'], deleted: ['removed'] },
  fields: mappedFields,
};

const gridHost = 'contoso.azurecr.io';
const ecrHost = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** How each kind proves itself; a kind that has two ways is tried in both. */
export const contractSenders: Readonly<Record<RegistryKind, readonly ContractSender[]>> = {
  acr: [bearer],
  'acr-event-grid': [{ ...bearer, host: gridHost }],
  'artifact-registry': [oidcSender],
  artifactory: [
    { ...valueOf('x-jfrog-event-auth'), rename: renamedImage, recordings: /^token-/ },
    {
      ...hmac({ header: 'x-jfrog-event-auth', algorithm: 'sha256' }),
      rename: renamedImage,
      recordings: /^signed-/,
      webhook: (live) => ({ ...secrets(live), signed: true }),
    },
  ],
  cdevents: [{ ...bearer, illegalNames: ['../../etc/passwd', 'Team/App', 'a'.repeat(256), 'team/app\n'] }],
  cloudevents: [
    {
      ...bearer,
      settings: { events: { pushed: ['com.contoso.image.pushed'], deleted: ['com.contoso.image.deleted'] } },
    },
  ],
  distribution: [bearer],
  'docker-hub': [{ ...pathToken, onlyImages: true }],
  ecr: [
    { ...bearer, host: ecrHost, recordings: /^eventbridge-/ },
    { ...snsSender, host: ecrHost, recordings: /^sns-/ },
  ],
  generic: [
    { ...bearer, recordings: /^token-/, settings: mapped },
    {
      ...hmac({ header: 'x-mirror-signature', algorithm: 'sha256' }),
      recordings: /^signed-/,
      settings: mapped,
      webhook: (live) => ({
        ...secrets(live),
        header: 'X-Mirror-Signature',
        signature: { algorithm: 'sha256' },
      }),
    },
  ],
  ghcr: [{ ...hmac({ header: 'x-hub-signature-256', algorithm: 'sha256', prefix: 'sha256=' }), ...folding }],
  gitea: [
    {
      ...hmac({ header: 'x-gitea-signature', algorithm: 'sha256', signed: payloadOfForm }),
      ...folding,
      recordings: /^(?!forgejo)/,
    },
    {
      ...hmac({ header: 'x-forgejo-signature', algorithm: 'sha256' }),
      ...folding,
      recordings: /^forgejo/,
      onlyImages: true,
    },
  ],
  gitlab: [bearer],
  harbor: [valueOf('authorization')],
  nexus: [
    {
      ...hmac({ header: 'x-nexus-webhook-signature', algorithm: 'sha1' }),
      settings: { repository: 'docker-hosted' },
    },
  ],
  quay: [pathToken],
  zot: [bearer],
};

/** Gitea signs the JSON, also where it sends a form. */
function payloadOfForm({ headers, body }: RawWebhook): Buffer {
  const isForm = headers['content-type'] === 'application/x-www-form-urlencoded';
  return isForm ? Buffer.from(new URLSearchParams(body.toString()).get('payload') ?? '') : body;
}
