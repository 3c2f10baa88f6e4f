import { AmqpError } from './amqp-error.js';
import { addressPath } from './entity-address.js';
import { type SharedAccessKey, verifySasToken } from './sas-token.js';

/** A client puts one token for each entity and each `$management`; no real one comes near this. */
const MAX_TOKENS = 10_000;

/** What one connection may touch: the resources of the tokens that it put to `$cbs` and that are still valid. */
export class ConnectionAccess {
  /** Path in lower case → Unix ms until which it is granted. */
  private readonly grants = new Map<string, number>();

  constructor(private readonly key: SharedAccessKey) {}

  /** Takes a token for an audience. Throws AmqpError `amqp:unauthorized-access`. */
  putToken(token: string, audience: string): void {
    const verified = verifySasToken(token, this.key, Date.now());
    if (typeof verified === 'string') throw unauthorized(verified);
    const granted = pathKey(audience);
    if (!covers(pathKey(verified.resource), granted)) {
      throw unauthorized(`The token is for '${verified.resource}', not for '${audience}'.`);
    }
    if (this.grants.size >= MAX_TOKENS)
      throw new AmqpError('amqp:resource-limit-exceeded', 'Too many tokens.');
    this.grants.set(granted, verified.expiresAt);
  }

  /** Throws AmqpError `amqp:unauthorized-access` unless a valid token covers the address. */
  check(address: string): void {
    if (!this.isGranted(pathKey(address))) {
      throw unauthorized(`No valid token was put for '${address}'. Put one to $cbs before attaching.`);
    }
  }

  /** The hub's management node attaches as bare `$management`, while its token names `<hub>/$management`. */
  checkHubManagement(): void {
    const granted = this.valid().some(
      (path) => path === '' || path.endsWith('$management') || !path.includes('/'),
    );
    if (!granted) throw unauthorized("No valid token was put for '$management'.");
  }

  private isGranted(path: string): boolean {
    return this.valid().some((grant) => covers(grant, path));
  }

  private valid(): string[] {
    const now = Date.now();
    return [...this.grants].filter(([, until]) => until > now).map(([path]) => path);
  }
}

function covers(grant: string, path: string): boolean {
  return grant === '' || path === grant || path.startsWith(`${grant}/`);
}

function pathKey(address: string): string {
  return addressPath(address).toLowerCase();
}

function unauthorized(description: string): AmqpError {
  return new AmqpError('amqp:unauthorized-access', description);
}
