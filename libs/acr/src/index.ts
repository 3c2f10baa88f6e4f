export { AcrImportError, type AcrImportErrorCode } from './acr-import-error.js';
export {
  AcrImporter,
  type AcrImporterOptions,
  type ImportRequest,
  type ImportSource,
} from './acr-importer.js';
export {
  AcrQuarantine,
  type QuarantineChange,
  type QuarantineState,
  type VerdictOptions,
} from './acr-quarantine.js';
export { type AcrTag, listAcrTags, untagAcr } from './acr-tags.js';
export { registryAudience } from './entra-audience.js';
export { entraTokens, type EntraTokensOptions } from './entra-tokens.js';
export { type ImageImport, importImage, type ImportReport } from './import-image.js';
export {
  missingReferrers,
  type Referrer,
  type ReferrerLimits,
  type ReferrerQuestion,
} from './missing-referrers.js';
export { QuarantineDetails } from './quarantine-details.js';
