export {
  type Checkpoint,
  type CheckpointStore,
  inMemoryCheckpointStore,
  type PartitionOwnership,
} from './checkpoint-store.js';
export { connectSubscriptions } from './connect-subscriptions.js';
export { type DeadLetter, type DeadLetterContent } from './dead-letters/dead-letter.js';
export { DeadLetterError, type DeadLetterErrorCode } from './dead-letters/dead-letter-error.js';
export {
  peekDeadLetters,
  type PeekedDeadLetters,
  type PeekOptions,
} from './dead-letters/peek-dead-letters.js';
export {
  discardDeadLetters,
  replayDeadLetters,
  type SettledDeadLetters,
  type SettleOptions,
} from './dead-letters/settle-dead-letters.js';
export type { Delivery } from './delivery.js';
export { MessagingClients } from './messaging-clients.js';
export { MessagingError, type MessagingErrorCode } from './messaging-error.js';
export { MessagingMetrics } from './messaging-metrics.js';
export { MessagingModule } from './messaging.module.js';
export { type BrokerEndpoint, MessagingSettings, messagingSettingsFor } from './messaging.settings.js';
export {
  type EventHubDeclaration,
  type MessagingTopology,
  messagingTopology,
  type SubscriptionDeclaration,
  type TopicDeclaration,
} from './messaging-topology.js';
export type { OutcomeBatch, ReadOutcome, StreamPosition, UnreadableOutcome } from './outcome-batch.js';
export { OutcomePublisher } from './outcome.publisher.js';
export { OutcomeReader, type OutcomeReaderOptions } from './outcome-reader.js';
export { RegistryEventPublisher } from './registry-event.publisher.js';
export { RetryLater } from './retry-later.js';
export { ServiceBusServer, type ServiceBusServerOptions } from './service-bus.server.js';
export { type DeadLetterOutcome, type Disposition, settle, type WhatHappened, type Where } from './settle.js';
export { subscriptionTransport } from './subscription-transport.js';
export { type AppliedTopology, applyTopology } from './topology/apply-topology.js';
export { checkTopology, type TopologyOptions, type TopologyReport } from './topology/check-topology.js';
export { eventHubsEmulatorConfig, serviceBusEmulatorConfig } from './topology/emulator-config.js';
export { TopologyError, type TopologyErrorCode } from './topology/topology-error.js';
export type { TopologyFinding } from './topology/topology-finding.js';
