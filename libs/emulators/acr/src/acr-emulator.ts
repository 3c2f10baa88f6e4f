import { AccessControl } from './auth/access-control.js';
import type { Identity } from './auth/identity.js';
import { azureTokenLifetimes, RegistryTokens, type TokenLifetimes } from './auth/registry-tokens.js';
import { signingKeyOf } from './auth/signing-key.js';
import { Uploads } from './distribution/uploads.js';
import type { EmulatedEntra } from './entra/emulated-entra.js';
import type { Intercept } from './http/fault-door.js';
import { HttpDoor } from './http/http-door.js';
import { handleRequest, refuseRequest } from './registry/handle-request.js';
import type { Registry } from './registry/registry.js';
import { Repositories } from './registry/repositories.js';
import { openRegistryStorage, type StorageChoice } from './storage/registry-storage.js';
import { type Webhook, type WebhookDelivery, Webhooks } from './webhooks/webhooks.js';

/** Far more than samples and tests need, and less than a laptop's disk. */
const defaultMaxBlobBytes = 8 * 1024 ** 3;

export interface AcrEmulatorOptions {
  /** Resource name, as in `{name}.azurecr.io`. */
  readonly name: string;
  readonly identities: readonly Identity[];
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Address to listen on; loopback by default. */
  readonly listenOn?: string;
  /** Host that webhooks and Resource Manager tell; by default `127.0.0.1:<port>`. */
  readonly loginServer?: string;
  /** Default: memory. */
  readonly storage?: StorageChoice;
  /** Premium's quarantine policy: pushed images wait for a verdict. */
  readonly quarantine?: boolean;
  readonly anonymousPull?: boolean;
  readonly webhooks?: readonly Webhook[];
  /** Whose access tokens are exchanged; without it only passwords work. */
  readonly entra?: EmulatedEntra;
  readonly tokenLifetimes?: TokenLifetimes;
  readonly maxBlobBytes?: number;
  readonly intercept?: Intercept;
  /** Milliseconds since 1970; tests move it to let tokens expire. */
  readonly now?: () => number;
}

/** A running registry with the manners of Azure Container Registry. */
export class AcrEmulator {
  readonly #door: HttpDoor;
  /** The inside of the registry, for the Resource Manager emulator. */
  readonly registry: Registry;

  constructor(door: HttpDoor, registry: Registry) {
    this.#door = door;
    this.registry = registry;
  }

  get name(): string {
    return this.registry.name;
  }

  get port(): number {
    return this.#door.port;
  }

  /** Host and port to push to and pull from, e.g. `127.0.0.1:5000`. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  get loginServer(): string {
    return this.registry.loginServer;
  }

  /** The latest webhook deliveries, in the order in which they ended. */
  get deliveries(): readonly WebhookDelivery[] {
    return this.registry.webhooks.deliveries;
  }

  /** Adds a webhook, or replaces the one of the same name. */
  addWebhook(webhook: Webhook): void {
    this.registry.webhooks.add(webhook);
  }

  /** Sends a test delivery to a webhook. */
  ping(webhook: string): Promise<WebhookDelivery> {
    return this.registry.webhooks.ping(webhook);
  }

  /** Waits until the deliveries of everything that happened so far have ended. */
  webhooksSettled(): Promise<void> {
    return this.registry.webhooks.settled();
  }

  /** Stops at once: open connections and deliveries are cut, as by a crash. */
  async close(): Promise<void> {
    await this.#door.close();
    await this.registry.webhooks.close();
    await this.registry.uploads.close();
  }
}

/** Starts one emulated registry on its own port. */
export async function startAcrEmulator(options: AcrEmulatorOptions): Promise<AcrEmulator> {
  const now = options.now ?? Date.now;
  const storage = await openRegistryStorage(options.storage ?? 'memory');
  const records = await storage.records.load();
  const repositories = Repositories.restore(storage.records, records);
  await storage.sweep((digest) => repositories.refersTo(digest));
  const door = new HttpDoor({
    handle: (exchange) => handleRequest(registry, exchange),
    refuse: refuseRequest,
    intercept: options.intercept,
  });
  const loginServer = (): string => options.loginServer ?? `127.0.0.1:${door.port}`;
  const registry: Registry = {
    name: options.name,
    get loginServer() {
      return loginServer();
    },
    quarantine: options.quarantine ?? false,
    maxBlobBytes: options.maxBlobBytes ?? defaultMaxBlobBytes,
    access: accessControl(options, { key: await signingKeyOf(storage.records, records), now }),
    content: storage.content,
    repositories,
    uploads: new Uploads(storage.content, now),
    webhooks: new Webhooks({ webhooks: options.webhooks ?? [], loginServer, now }),
    now,
  };
  await door.listen(options.listenOn ?? '127.0.0.1', options.port ?? 0);
  return new AcrEmulator(door, registry);
}

function accessControl(
  options: AcrEmulatorOptions,
  signing: { readonly key: string; readonly now: () => number },
): AccessControl {
  const lifetimes = options.tokenLifetimes ?? azureTokenLifetimes;
  const tokens = new RegistryTokens({ ...signing, registry: options.name, lifetimes });
  return new AccessControl({
    identities: options.identities,
    anonymousPull: options.anonymousPull ?? false,
    tokens,
    entra: options.entra,
  });
}
