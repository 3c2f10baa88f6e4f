import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { keyVaultSigner, type KeyVaultSignerOptions } from './key-vault-signer.js';

type HttpClient = NonNullable<KeyVaultSignerOptions['httpClient']>;
type HttpRequest = Parameters<HttpClient['sendRequest']>[0];

const keyId = 'https://contoso.vault.azure.net/keys/pratique';
const credential = {
  getToken: () => Promise.resolve({ token: 'a token', expiresOnTimestamp: Date.now() + 3_600_000 }),
};

/** What Key Vault answers on the wire: a challenge to whoever comes without a token, keys, and signatures. */
class FakeVault implements HttpClient {
  readonly asked: string[] = [];
  failure: number | undefined;

  constructor(
    private readonly privateKey: KeyObject,
    private readonly publicKey: KeyObject,
  ) {}

  sendRequest(request: HttpRequest): ReturnType<HttpClient['sendRequest']> {
    const { status, headers = {}, body } = this.answer(request);
    const text = body === undefined ? '' : JSON.stringify(body);
    const sent = createHttpHeaders({ 'content-type': 'application/json', ...headers });
    return Promise.resolve({ request, status, headers: sent, bodyAsText: text });
  }

  private answer({ url, method, headers, body }: HttpRequest): {
    status: number;
    headers?: Record<string, string>;
    body?: unknown;
  } {
    if (headers.get('authorization') !== 'Bearer a token') {
      const challenge =
        'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"';
      return { status: 401, headers: { 'www-authenticate': challenge } };
    }
    const { pathname } = new URL(url);
    this.asked.push(`${method} ${pathname}`);
    if (this.failure !== undefined) {
      return { status: this.failure, body: { error: { code: 'Trouble', message: 'The vault says no.' } } };
    }
    if (pathname.endsWith('/sign')) return { status: 200, body: this.sign(body as string) };
    const key = { kid: `${keyId}/v1`, ...this.publicKey.export({ format: 'jwk' }) };
    return { status: 200, body: { key, attributes: { enabled: true } } };
  }

  // Key Vault is sent the hash; a real one signs it as it is, which Node can only do for RSA. So the test's hash is known.
  private sign(body: string): { kid: string; value: string } {
    const { alg, value } = JSON.parse(body) as { alg: string; value: string };
    const signed = this.known.get(Buffer.from(value, 'base64url').toString('hex'));
    if (signed === undefined) throw new Error(`a hash that nobody knows, ${alg}`);
    const dsaEncoding = 'ieee-p1363';
    const signature = sign('sha256', signed, { key: this.privateKey, dsaEncoding });
    return { kid: `${keyId}/v1`, value: signature.toString('base64url') };
  }

  readonly known = new Map<string, Buffer>();
  knows(bytes: Buffer): Buffer {
    this.known.set(createHash('sha256').update(bytes).digest('hex'), bytes);
    return bytes;
  }
}

describe('attestation/key-vault-signer', () => {
  it.each([
    ['P-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ])('lets Key Vault sign with a key of the kind %s, and asks for the key once', async (_, make) => {
    const { privateKey, publicKey } = make();
    const vault = new FakeVault(privateKey, publicKey);
    const signer = keyVaultSigner({ keyId, credential, httpClient: vault });
    const bytes = vault.knows(Buffer.from('a statement'));

    const signature = await signer.sign(bytes);

    expect(verify('sha256', bytes, await signer.publicKey(), signature)).toBe(true);
    expect(vault.asked.filter((asked) => asked.startsWith('GET'))).toHaveLength(1);
    expect(vault.asked.at(-1)).toBe('POST /keys/pratique/v1/sign');
  });

  it('says what an identity without the right needs', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const vault = new FakeVault(privateKey, publicKey);
    vault.failure = 403;
    const signer = keyVaultSigner({ keyId, credential, httpClient: vault });

    await expect(signer.sign(Buffer.from('x'))).rejects.toMatchObject({
      name: 'AttestationError',
      code: 'signing-failed',
      retryable: false,
      message: expect.stringContaining('Key Vault Crypto User'),
    });
    vault.failure = undefined;
    expect((await signer.publicKey()).asymmetricKeyType).toBe('ec');
  });

  it.each(['contoso', 'https://contoso.vault.azure.net/secrets/x', 'https://contoso.vault.azure.net/keys/'])(
    'refuses %s, which is no key',
    async (wrong) => {
      const signer = keyVaultSigner({ keyId: wrong, credential });

      await expect(signer.publicKey()).rejects.toMatchObject({ code: 'key-unusable' });
    },
  );
});
