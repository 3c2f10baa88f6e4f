export { pushImage } from '@pratique/oci';
export {
  anImageApproved,
  anImageCleared,
  anImageDeleted,
  anImagePushed,
  anImageQuarantined,
  anOutcome,
  type DecidedDataInput,
  type ImageDataInput,
} from './builders.js';
export { type Fault, type FaultKind, type FaultRegistry, startFaultRegistry } from './fault-registry.js';
export { artifactOf, imageOf, indexOf } from './image-fixtures.js';

export {
  type HeardRequest,
  type ScriptedExchange,
  type ScriptedRegistry,
  type ScriptedReply,
  startScriptedRegistry,
} from './scripted-registry.js';
export { startTestRegistry, type TestRegistry, type TestRegistryOptions } from './test-registry.js';
