import { type Digest, RegistryHost, RepositoryName, Tag } from '@pratique/contracts';
import {
  type AcrEmulator,
  type ArmEmulator,
  EmulatedCredential,
  emulatedEntra,
  type FaultReply,
  type InterceptedRequest,
  startAcrEmulator,
  startArmEmulator,
} from '@pratique/emulators-acr';
import { basicTokens, type BuiltImage, pushImage, RegistryClient } from '@pratique/oci';
import {
  AcrImporter,
  type AcrImporterOptions,
  type ImportRequest,
  type ImportSource,
} from '../src/acr-importer.js';
import { entraTokens } from '../src/entra-tokens.js';
import { importImage, type ImportReport } from '../src/import-image.js';

export const repository = RepositoryName.parse('team/app');
export const mirrored = RepositoryName.parse('mirror/team/app');
export const tag = Tag.parse('1');
export const vendorPassword = { username: 'customer', password: 'pull-secret' };

const entra = emulatedEntra();

export interface ImportWish {
  importer?: AcrImporter;
  origin?: ImportSource;
  referrers?: boolean;
  signal?: AbortSignal;
}

/** A vendor's registry, a customer's, and Azure, which has the one import from the other. */
export async function startImportWorld(): Promise<ImportWorld> {
  const world = new ImportWorld();
  await world.start();
  return world;
}

export class ImportWorld {
  vendor!: AcrEmulator;
  customer!: AcrEmulator;
  arm!: ArmEmulator;
  build!: RegistryClient;
  source!: RegistryClient;
  target!: RegistryClient;
  armRequests: InterceptedRequest[] = [];
  /** What Azure answers instead. */
  armFault: (request: InterceptedRequest) => FaultReply | undefined = () => undefined;

  async start(): Promise<void> {
    this.vendor = await startAcrEmulator({
      name: 'vendor',
      identities: [
        {
          name: 'build',
          credentials: { username: 'build', password: 'push-secret' },
          repositories: ['*'],
          actions: ['pull', 'push'],
        },
        { name: 'customer', credentials: vendorPassword, repositories: ['team/*'], actions: ['pull'] },
      ],
    });
    this.customer = await startAcrEmulator({
      name: 'customer',
      entra,
      identities: [
        {
          name: 'importer',
          credentials: { entraObjectId: 'importer' },
          repositories: ['*'],
          actions: ['pull'],
          arm: ['importImage'],
        },
        { name: 'reader', credentials: { entraObjectId: 'reader' }, repositories: ['*'], actions: ['pull'] },
      ],
    });
    this.arm = await startArmEmulator({
      registries: [this.vendor, this.customer],
      entra,
      subscriptionId: 'sub',
      resourceGroup: 'group',
      intercept: (request) => {
        this.armRequests.push(request);
        return Promise.resolve(this.armFault(request) ?? 'proceed');
      },
    });
    this.build = connect(this.vendor, basicTokens({ username: 'build', password: () => 'push-secret' }));
    this.source = connect(
      this.vendor,
      basicTokens({ username: 'customer', password: () => vendorPassword.password }),
    );
    this.target = connect(
      this.customer,
      entraTokens({
        credential: credentialOf('importer'),
        host: RegistryHost.parse(this.customer.host),
        plainHttp: true,
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.build, this.source, this.target].map((client) => client.close()));
    await Promise.all([this.vendor, this.customer, this.arm].map((emulator) => emulator.close()));
  }

  importerOf(objectId: string, options: Partial<AcrImporterOptions> = {}): AcrImporter {
    return new AcrImporter({
      credential: credentialOf(objectId),
      resourceId: this.arm.resourceIdOf('customer'),
      armEndpoint: `http://127.0.0.1:${this.arm.port}`,
      retries: 0,
      ...options,
    });
  }

  importing(digest: Digest, wish: ImportWish = {}): Promise<ImportReport> {
    const { importer = this.importerOf('importer'), referrers = true, signal } = wish;
    const origin = wish.origin ?? { registryUri: this.vendor.loginServer, credentials: vendorPassword };
    return importImage({
      importer,
      source: { client: this.source, repository, digest, import: origin },
      target: { client: this.target, repository: mirrored, tag },
      referrers,
      signal,
    });
  }

  requestFor(digest: Digest): ImportRequest {
    return {
      source: { registryUri: this.vendor.loginServer, credentials: vendorPassword },
      repository,
      digest,
      targets: [{ repository: mirrored, tag }],
    };
  }

  push(image: BuiltImage, tags: Tag[] = []): Promise<void> {
    return pushImage(this.build, image, { repository, tags });
  }

  atTarget(reference: Tag | Digest): Promise<{ digest: Digest } | undefined> {
    return this.target.resolve(mirrored, reference);
  }

  /** Imports that Azure was asked for. */
  imports(): number {
    return this.armRequests.filter(({ method }) => method === 'POST').length;
  }
}

function connect(registry: AcrEmulator, tokens: ReturnType<typeof basicTokens>): RegistryClient {
  return new RegistryClient({ host: RegistryHost.parse(registry.host), plainHttp: true, tokens });
}

function credentialOf(objectId: string): EmulatedCredential {
  return new EmulatedCredential({ entra, objectId });
}

export function fault(status: number): FaultReply {
  return { status };
}

/** The import is not done yet. */
export function running(arm: ArmEmulator): FaultReply {
  return { status: 202, headers: { location: `${arm.endpoint}/operation`, 'retry-after': '1' } };
}
