export { anonymousTokens } from './anonymous-tokens.js';
export { type AuthChallenge, readAuthChallenge } from './auth-challenge.js';
export { basicTokens, type BasicTokensOptions } from './basic-tokens.js';
export { type ArtifactInput, buildArtifact } from './build-artifact.js';
export { buildImage, type ImageInput } from './build-image.js';
export { buildIndex, type IndexEntry } from './build-index.js';
export { buildLayer, type BuiltLayer } from './build-layer.js';
export { type BuiltImage, describeBytes, type DescribedBytes, describeJson } from './built-image.js';
export { cosignTags, supersedes } from './cosign-tags.js';
export { copyImage, type CopyRequest } from './copy-image.js';
export type { CopyEnd, CopyProgress, CopyReport, CopyVerification, Verified } from './copy-job.js';
export { Descriptor, Platform } from './descriptor.js';
export { blobsOf, childManifests, type ImageGraph } from './image-graph.js';
export { fallbackTag } from './list-referrers.js';
export { listRepositories, type RepositoryListing } from './list-repositories.js';
export {
  ImageIndex,
  ImageManifest,
  isIndex,
  type Manifest,
  type ManifestDocument,
  maxManifestBytes,
  readManifest,
} from './manifest.js';
export { HostManners, type MannersOptions, type RequestBudgets } from './manners/host-manners.js';
export type { RequestKind } from './manners/request-kind.js';
export { isIndexType, isManifestType, mediaType } from './media-types.js';
export { fromNetworkError } from './network-error.js';
export { type CopySide, OciError, type OciErrorCode, type OciErrorDetails, onSide } from './oci-error.js';
export { pushImage, type PushPlace } from './push-image.js';
export { readBounded } from './read-bounded.js';
export { readJson } from './read-json.js';
export { type PageReader, readPages } from './read-pages.js';
export { createRegistryAgent } from './registry-agent.js';
export { type CallOptions, RegistryClient, type RegistryClientOptions } from './registry-client.js';
export type { RegistryRequest, RegistryResponse } from './registry-transport.js';
export { recordReferrer, type ReferrerRecord } from './record-referrer.js';
export { hasRepeatedKeys } from './repeated-keys.js';
export { errorOfResponse } from './response-error.js';
export { retryAfterMs } from './retry-after.js';
export { type IssuedToken, TokenCache } from './token-cache.js';
export { tokenLifetimeMs } from './token-lifetime.js';
export { mergeScopes, repositoryScope } from './token-scopes.js';
export type { TokenSource } from './token-source.js';
export type { PutManifestResult, Reference } from './transfer-manifest.js';
export { defaultUploadLimits, type UploadLimits } from './upload-limits.js';
export { walkImage, type WalkOptions } from './walk-image.js';
export { defaultWalkLimits, type WalkLimits } from './walk-limits.js';
export { BlobCheck } from './verify-blob.js';
