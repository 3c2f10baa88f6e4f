import { exportJWK, generateKeyPair, type GenerateKeyPairResult, SignJWT } from 'jose';
import type { ContractSender, SenderSecrets } from './contract-sender.contract.js';
import { withFlippedHeader } from './flipped-bit.contract.js';
import type { RawWebhook } from './raw-webhook.js';
import { trustSources, type TrustSources } from './verification/trust-sources.js';

export const audience = 'https://pratique.example/webhooks/under-test';
export const serviceAccount = 'pratique-push@contoso.iam.gserviceaccount.com';

const pairs = new Map<string, Promise<GenerateKeyPairResult>>();

// A secret stands for the key pair of the issuer; making one takes a while.
function keyPair(secret: string): Promise<GenerateKeyPairResult> {
  const pair = pairs.get(secret) ?? generateKeyPair('RS256', { extractable: true });
  pairs.set(secret, pair);
  return pair;
}

/** The issuer of tokens, as far as it can be fetched: a key set with the keys of these secrets. */
export function keySetOf(...secrets: string[]): TrustSources {
  return trustSources(async () => {
    const keys = await Promise.all(
      secrets.map(async (secret) => ({
        ...(await exportJWK((await keyPair(secret)).publicKey)),
        kid: secret,
        alg: 'RS256',
      })),
    );
    return { status: 200, text: JSON.stringify({ keys }) };
  });
}

/** A delivery with a token of Google's making, whose claims can be changed. */
export async function withToken(
  delivery: RawWebhook,
  secret: string,
  claims: Record<string, unknown> = {},
): Promise<RawWebhook> {
  const now = Math.floor(delivery.receivedAt.getTime() / 1000);
  const token = await new SignJWT({
    iss: 'https://accounts.google.com',
    aud: audience,
    sub: '113774264463038321964',
    email: serviceAccount,
    email_verified: true,
    iat: now - 60,
    exp: now + 3540,
    ...claims,
  })
    .setProtectedHeader({ alg: 'RS256', kid: secret, typ: 'JWT' })
    .sign((await keyPair(secret)).privateKey);
  return { ...delivery, headers: { ...delivery.headers, authorization: `Bearer ${token}` } };
}

export const oidcSender: ContractSender = {
  name: 'token of Google',
  recordedUnder: 'key of the recordings',
  recordedWithoutProof: true,
  host: 'europe-west1-docker.pkg.dev',
  webhook: () => ({ audience, serviceAccount }),
  sources: ({ secret, previousSecret }: SenderSecrets) =>
    keySetOf(secret, ...(previousSecret === undefined ? [] : [previousSecret])),
  sign: (delivery, secret) => withToken(delivery, secret),
  forge: (delivery) => [withFlippedHeader(delivery, 'authorization')],
  rename: renameInData,
};

function renameInData(body: string, repository: string): string {
  const push = JSON.parse(body) as { message: { data: string } };
  const data = Buffer.from(push.message.data, 'base64').toString();
  const renamed = data.replaceAll('contoso/images/tripinsights/poi', () =>
    JSON.stringify(repository).slice(1, -1),
  );
  return JSON.stringify({ message: { ...push.message, data: Buffer.from(renamed).toString('base64') } });
}
