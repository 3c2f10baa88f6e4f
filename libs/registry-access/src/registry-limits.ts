import type { RequestBudgets, UploadLimits } from '@pratique/oci';
import { type AzureRegistrySettings, isAzureRegistry, type RegistrySettings } from '@pratique/registries';

/** What one kind of registry bears. */
export interface RegistryLimits {
  /** Requests a minute; absent where no budget is known, and 429 answers alone say when it is too much. */
  budgets?: RequestBudgets;
  /** How blobs are cut; absent where one PUT takes them all. */
  upload?: UploadLimits;
}

const mebibyte = 1024 * 1024;

/**
 * ACR answers 413 to a body of more than some 20 MB (https://github.com/goharbor/harbor/pull/23016), though others report that
 * it takes more. Chunks of the size below are taken either way.
 */
const azureUpload: UploadLimits = { monolithicBytes: 16 * mebibyte, chunkBytes: 16 * mebibyte };

/**
 * Reads and writes a minute by tier, as Microsoft published them:
 * https://learn.microsoft.com/azure/container-registry/container-registry-skus
 *
 * The referrers API has a budget apart from them that is not published; Microsoft's own tool keeps to 250 a minute
 * (https://github.com/dotnet/docker-tools/pull/2137).
 */
const azureBudgets: Record<NonNullable<AzureRegistrySettings['tier']>, RequestBudgets> = {
  basic: { read: 1_000, write: 100, referrers: 250 },
  standard: { read: 3_000, write: 500, referrers: 250 },
  premium: { read: 10_000, write: 2_000, referrers: 250 },
};

/** What is known about how a registry wants to be treated. */
export function registryLimits(settings: RegistrySettings): RegistryLimits {
  if (!isAzureRegistry(settings)) return {};
  return { budgets: azureBudgets[settings.tier ?? 'standard'], upload: azureUpload };
}
