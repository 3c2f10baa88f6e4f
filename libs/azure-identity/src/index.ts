export { azureCredential } from './azure-credential.js';
