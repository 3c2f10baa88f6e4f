export { AzureIdentity } from './azure-identity.js';
export { ConfigError, type ConfigProblem } from './config-error.js';
export { configPath, environmentVariable } from './environment.js';
export { ImagePattern, matcherOf } from './image-pattern.js';
export { type ConfigText, loadConfig, type LoadOptions, parseConfig } from './load-config.js';
export { Secret } from './secret.js';
export { SecretReference } from './secret-reference.js';
export { SetupError } from './setup-error.js';
export { sectionNames } from './sections.js';
