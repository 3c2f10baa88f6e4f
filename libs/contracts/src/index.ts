export { outcomeOfEvent, outcomeWithoutEvent, type OutcomeInput } from './build-outcome.js';
export { decidedRegistryEvent, type HeardEvent, heardRegistryEvent } from './build-registry-event.js';
export { cloudEventAttributes, maxCloudEventBytes } from './cloud-event.js';
export { deriveId } from './derive-id.js';
export { Digest, type DigestAlgorithm, digestAlgorithm, digestOf } from './digest.js';
export {
  outcomeConsumerGroups,
  outcomesEventHub,
  redeliverToProperty,
  registryEventsTopic,
  subscriptionFilter,
  type SubscriptionName,
  subscriptions,
} from './entity-names.js';
export { RegistryHost, RegistryName, RepositoryName, Tag } from './image-name.js';
export {
  formatImage,
  formatImageReference,
  type ImageReference,
  ImageReferenceError,
  parseImageReference,
} from './image-reference.js';
export {
  Outcome,
  OutcomeImage,
  type OutcomeKind,
  type OutcomeOf,
  type OutcomeReason,
  outcomeSchemas,
  outcomeType,
  type OutcomeType,
  Severity,
} from './outcome.js';
export {
  DecidedImageData,
  ImageApproved,
  ImageCleared,
  ImageDeleted,
  ImageEventData,
  ImagePushed,
  ImageQuarantined,
  imageSubject,
  Reconciled,
  RegistryEvent,
  type RegistryEventName,
  registryEventType,
  type RegistryEventType,
} from './registry-event.js';
export { childTraceparent, isTraceparent, newTraceparent, Traceparent } from './trace-context.js';
