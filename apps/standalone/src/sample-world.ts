import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type AcrEmulator,
  type ArmEmulator,
  EmulatedCredential,
  type EmulatedEntra,
  emulatedEntra,
  startAcrEmulator,
  startArmEmulator,
} from '@pratique/emulators-acr';
import { sampleConfig } from './sample-config.js';
import { openSampleSecrets, type SampleSecrets } from './sample-secrets.js';

const subscriptionId = '00000000-0000-0000-0000-000000000001';
const resourceGroup = 'sample';
// Each service has a principal of its own with the least rights, as it would have in Azure.
const principals = { scan: 'sample-scan', sync: 'sample-sync' } as const;

/** The vendor and the customer of the sample: two registries with the manners of Azure's, and what Entra and ARM do. */
export interface SampleWorld {
  configFile: string;
  secrets: SampleSecrets;
  vendor: AcrEmulator;
  customer: AcrEmulator;
  credentials: { scan: EmulatedCredential; sync: EmulatedCredential };
  /** Registers the webhooks of both registries, once it is known where ingress listens. */
  connectWebhooks(ingress: string): void;
  close(): Promise<void>;
}

export interface SampleWorldOptions {
  state: string;
  anyPort: boolean;
}

/** Starts the registries over folders in the state folder, and writes the `pratique.yaml` that connects them. */
export async function startSampleWorld({ state, anyPort }: SampleWorldOptions): Promise<SampleWorld> {
  await mkdir(state, { recursive: true });
  const secretsFolder = resolve(state, 'secrets');
  const secrets = await openSampleSecrets(secretsFolder);
  const entra = emulatedEntra();
  const port = (fixed: number): number => (anyPort ? 0 : fixed);
  const vendor = await startVendor({ secrets, state, port: port(5001) });
  const customer = await startCustomer({ secrets, state, port: port(5002), entra });
  const arm = await startArmEmulator({
    registries: [vendor, customer],
    entra,
    subscriptionId,
    resourceGroup,
    port: port(5003),
  });
  const configFile = join(state, 'pratique.yaml');
  const config = sampleConfig({
    httpPort: port(8080),
    vendorHost: vendor.host,
    customerHost: customer.host,
    customerResourceId: arm.resourceIdOf('customer'),
    armEndpoint: `http://127.0.0.1:${arm.port}`,
    secrets: secretsFolder,
  });
  await writeFile(configFile, config);
  return {
    configFile,
    secrets,
    vendor,
    customer,
    credentials: {
      scan: new EmulatedCredential({ entra, objectId: principals.scan }),
      sync: new EmulatedCredential({ entra, objectId: principals.sync }),
    },
    connectWebhooks: (ingress) => connectWebhooks({ vendor, customer, secrets, ingress }),
    close: () => closeAll([arm, vendor, customer]),
  };
}

interface RegistryOptions {
  secrets: SampleSecrets;
  state: string;
  port: number;
}

function startVendor({ secrets, state, port }: RegistryOptions): Promise<AcrEmulator> {
  return startAcrEmulator({
    name: 'vendor',
    port,
    storage: { folder: join(state, 'registries', 'vendor') },
    identities: [
      {
        name: 'the vendor’s build',
        credentials: { username: 'vendor-build', password: secrets['vendor-push-password'] },
        repositories: ['*'],
        actions: ['pull', 'push', 'metadata_read'],
      },
      {
        name: 'what the vendor gave the customer',
        credentials: { username: 'customer-pull', password: secrets['vendor-pull-password'] },
        repositories: ['bicep/*'],
        actions: ['pull', 'metadata_read'],
      },
    ],
  });
}

function startCustomer(options: RegistryOptions & { entra: EmulatedEntra }): Promise<AcrEmulator> {
  const { secrets, state, port, entra } = options;
  return startAcrEmulator({
    name: 'customer',
    port,
    entra,
    quarantine: true,
    storage: { folder: join(state, 'registries', 'customer') },
    identities: [
      {
        name: 'sync',
        credentials: { entraObjectId: principals.sync },
        repositories: ['*'],
        actions: ['pull', 'push', 'metadata_read', 'quarantine_read'],
        arm: ['importImage'],
      },
      {
        name: 'scan',
        credentials: { entraObjectId: principals.scan },
        repositories: ['*'],
        actions: ['pull', 'push', 'metadata_read', 'metadata_write', 'quarantine_read', 'quarantine_write'],
      },
      {
        name: 'an ordinary client',
        credentials: { username: 'reader', password: secrets['customer-reader-password'] },
        repositories: ['*'],
        actions: ['pull', 'metadata_read'],
      },
    ],
  });
}

interface Connected {
  vendor: AcrEmulator;
  customer: AcrEmulator;
  secrets: SampleSecrets;
  ingress: string;
}

function connectWebhooks({ vendor, customer, secrets, ingress }: Connected): void {
  vendor.addWebhook({
    name: 'pratique',
    url: `${ingress}/webhooks/vendor`,
    headers: { authorization: `Bearer ${secrets['vendor-webhook-secret']}` },
    actions: ['push', 'delete'],
  });
  customer.addWebhook({
    name: 'pratique',
    url: `${ingress}/webhooks/customer`,
    headers: { authorization: `Bearer ${secrets['customer-webhook-secret']}` },
    actions: ['push', 'delete', 'quarantine'],
  });
}

async function closeAll(parts: (AcrEmulator | ArmEmulator)[]): Promise<void> {
  await Promise.all(parts.map((part) => part.close()));
}
