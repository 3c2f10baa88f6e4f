import { Secret } from '@pratique/config';
import { RegistryHost } from '@pratique/contracts';
import {
  type AcrEmulator,
  type ArmEmulator,
  EmulatedCredential,
  type EmulatedEntra,
  emulatedEntra,
  type Intercept,
  type RegistryAction,
  startAcrEmulator,
  startArmEmulator,
} from '@pratique/emulators-acr';
import { basicTokens, RegistryClient } from '@pratique/oci';
import { type PasswordCredentials, RegistriesSection } from '@pratique/registries';

export type Place = 'vendor' | 'customer' | 'archive';

/** A vendor's registry, a customer's with quarantine and imports, and a third that can neither. */
export interface EmulatedRegistries {
  /** Who may see and push everything, at each of them. */
  admins: Record<Place, RegistryClient>;
  /** Sync's identity at the customer's. */
  credential: EmulatedCredential;
  /** As `pratique.yaml` would say it. */
  section(vendorPassword?: string): RegistriesSection;
  close(): Promise<void>;
}

export interface EmulatedRegistriesOptions {
  /** What sync's identity may do at the customer's registry. */
  rights: readonly RegistryAction[];
  interceptFor: (who: Place | 'arm') => Intercept;
}

const admin = { username: 'admin', password: 'admin-secret' };
const pull = { username: 'customer-pull', password: 'pull-secret' };
const everything = {
  name: 'admin',
  credentials: admin,
  repositories: ['*'],
  actions: ['pull', 'push', 'delete', 'metadata_read', 'quarantine_read'],
} as const;

export async function startEmulatedRegistries(
  options: EmulatedRegistriesOptions,
): Promise<EmulatedRegistries> {
  const entra = emulatedEntra();
  const vendor = await startVendor(options);
  const customer = await startCustomer(options, entra);
  const archive = await startAcrEmulator({
    name: 'archive',
    identities: [everything],
    intercept: options.interceptFor('archive'),
  });
  const arm = await startArmEmulator({
    registries: [vendor, customer],
    entra,
    subscriptionId: 'sub',
    resourceGroup: 'group',
    intercept: options.interceptFor('arm'),
  });
  const admins = { vendor: adminOf(vendor), customer: adminOf(customer), archive: adminOf(archive) };
  return {
    admins,
    credential: new EmulatedCredential({ entra, objectId: 'sync' }),
    section: (vendorPassword = pull.password) =>
      sectionOf({ vendor, customer, archive, arm }, vendorPassword),
    async close() {
      await Promise.all(Object.values(admins).map((client) => client.close()));
      await Promise.all([vendor, customer, archive, arm].map((emulator) => emulator.close()));
    },
  };
}

function startVendor({ interceptFor }: EmulatedRegistriesOptions): Promise<AcrEmulator> {
  return startAcrEmulator({
    name: 'vendor',
    identities: [
      everything,
      {
        name: 'pull',
        credentials: pull,
        repositories: ['tripinsights/*'],
        actions: ['pull', 'metadata_read'],
      },
    ],
    intercept: interceptFor('vendor'),
  });
}

function startCustomer(
  { rights, interceptFor }: EmulatedRegistriesOptions,
  entra: EmulatedEntra,
): Promise<AcrEmulator> {
  return startAcrEmulator({
    name: 'customer',
    quarantine: true,
    entra,
    identities: [
      everything,
      {
        name: 'sync',
        credentials: { entraObjectId: 'sync' },
        repositories: ['*'],
        actions: rights,
        arm: ['importImage'],
      },
    ],
    intercept: interceptFor('customer'),
  });
}

interface Emulators extends Record<Place, AcrEmulator> {
  arm: ArmEmulator;
}

function sectionOf({ vendor, customer, archive, arm }: Emulators, vendorPassword: string): RegistriesSection {
  const section = RegistriesSection.parse([
    { name: 'vendor', kind: 'acr', host: vendor.host, plainHttp: true },
    {
      name: 'customer',
      kind: 'acr',
      host: customer.host,
      plainHttp: true,
      quarantine: true,
      credentials: { identity: 'workload' },
      resourceId: arm.resourceIdOf('customer'),
      armEndpoint: `http://127.0.0.1:${arm.port}`,
    },
    { name: 'archive', kind: 'distribution', host: archive.host, plainHttp: true },
  ]);
  // Passwords are at hand here, and not in a file or the environment.
  const passwords: Record<string, PasswordCredentials> = {
    vendor: { username: pull.username, password: new Secret(vendorPassword) },
    archive: { username: admin.username, password: new Secret(admin.password) },
  };
  return section.map((registry) => {
    const credentials = passwords[registry.name];
    return credentials === undefined ? registry : { ...registry, credentials };
  });
}

function adminOf(registry: AcrEmulator): RegistryClient {
  const tokens = basicTokens({ username: admin.username, password: () => admin.password });
  return new RegistryClient({ host: RegistryHost.parse(registry.host), plainHttp: true, tokens });
}
