import { configPath, loadConfig } from '@pratique/config';
import {
  type Digest,
  type OutcomeImage,
  RegistryHost,
  RegistryName,
  type RepositoryName,
  type Tag,
} from '@pratique/contracts';
import { ImageReferenceError, parseImageReference } from '@pratique/contracts';
import { anonymousTokens, RegistryClient } from '@pratique/oci';
import { connectRegistry } from '@pratique/registry-access';
import type { ScanLimits } from '../../scan/src/scan-limits.settings.js';
import { compilePolicies, type ScanPolicy } from '../../scan/src/scan-policy.js';
import { openScanners, type Scanners } from '../../scan/src/scanners/scanners.js';
import { broughtByStandalone, serviceConfigs } from './service-configs.js';
import { UsageError } from './usage-error.js';
import type { Answer } from './verb.js';

/** An image, where it is, and by what it is to be judged. */
export interface ScanTarget {
  client: RegistryClient;
  registry: OutcomeImage['registry'];
  repository: RepositoryName;
  /** The digest where it is said, else the tag. */
  reference: Tag | Digest;
  tag: Tag | undefined;
  policies: readonly ScanPolicy[];
  limits: ScanLimits;
  scanners: Scanners;
}

export interface ScanTargetInput {
  reference: string;
  config?: string | undefined;
  policies?: readonly string[] | undefined;
  plainHttp?: boolean | undefined;
}

type Config = ReturnType<typeof readConfig>;

/** @throws UsageError, ConfigError */
export async function withScanTarget(
  input: ScanTargetInput,
  work: (target: ScanTarget) => Promise<Answer>,
): Promise<Answer> {
  const config = readConfig(input.config);
  const image = imageOf(input.reference);
  const settings = config.registries.find(({ name, host }) =>
    [name, host].some((each: string) => each === image.host),
  );
  const registry = settings?.name ?? nameOf(image.host);
  const policies = policiesFor({ registry, repository: image.repository }, { config, names: input.policies });
  const client = settings === undefined ? stranger(image.host, input) : connectRegistry(settings).client;
  try {
    const { scanLimits: limits, scanners } = config;
    const { repository, tag, digest } = image;
    const reference = digest ?? (tag as Tag);
    const opened = openScanners(scanners);
    return await work({ client, registry, repository, reference, tag, policies, limits, scanners: opened });
  } finally {
    await client.close();
  }
}

function readConfig(file: string | undefined) {
  return loadConfig(file ?? configPath(), serviceConfigs.scan, { defaults: broughtByStandalone });
}

function imageOf(text: string): ReturnType<typeof parseImageReference> {
  try {
    return parseImageReference(text);
  } catch (error) {
    if (error instanceof ImageReferenceError) throw new UsageError(error.message);
    throw error;
  }
}

function stranger(host: string, { plainHttp = false }: ScanTargetInput): RegistryClient {
  return new RegistryClient({ host: RegistryHost.parse(host), plainHttp, tokens: anonymousTokens() });
}

/** What stands for the name of a registry that the file does not know. */
function nameOf(host: string): RegistryName {
  return RegistryName.parse(
    host
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 50),
  );
}

function policiesFor(
  { registry, repository }: { registry: string; repository: string },
  { config, names }: { config: Config; names: readonly string[] | undefined },
): ScanPolicy[] {
  const all = compilePolicies(config.scan);
  const known = all.map(({ name }) => name).join(', ') || 'none';
  if (names !== undefined) {
    return names.map((name) => {
      const policy = all.find((each) => each.name === name);
      if (policy === undefined) throw new UsageError(`There is no policy "${name}"; there are ${known}`);
      // Whoever names it wants to know what it says.
      return { ...policy, mode: 'enforce' as const };
    });
  }
  const matching = all.filter((policy) => policy.registry === registry && policy.applies(repository));
  if (matching.length > 0) return matching;
  throw new UsageError(
    `No policy applies to ${repository} in ${registry}: say --policy NAME; there are ${known}`,
  );
}
