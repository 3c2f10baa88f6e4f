export { AcrEmulator, type AcrEmulatorOptions, startAcrEmulator } from './acr-emulator.js';
export { ArmEmulator, type ArmEmulatorOptions, startArmEmulator } from './arm/arm-emulator.js';
export {
  type ArmAction,
  type Identity,
  type IdentityCredentials,
  type RegistryAction,
} from './auth/identity.js';
export { type TokenLifetimes } from './auth/registry-tokens.js';
export { EmulatedCredential, type EmulatedCredentialOptions } from './entra/emulated-credential.js';
export {
  armAudience,
  containerRegistryAudience,
  type EmulatedEntra,
  emulatedEntra,
  type EmulatedEntraOptions,
  type EntraAccessToken,
} from './entra/emulated-entra.js';
export { type FaultReply, type Intercept, type InterceptedRequest } from './http/fault-door.js';
export { type StorageChoice } from './storage/registry-storage.js';
export { type WebhookAction } from './webhooks/webhook-event.js';
export { type Webhook, type WebhookDelivery } from './webhooks/webhooks.js';
