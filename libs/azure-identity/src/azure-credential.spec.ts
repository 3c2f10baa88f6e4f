import { azureCredential } from './azure-credential.js';

describe('azure-identity/azure-credential', () => {
  it('makes the credential of the machine without asking anybody', () => {
    expect(azureCredential('managed').constructor.name).toBe('ManagedIdentityCredential');
    expect(azureCredential('default').constructor.name).toBe('DefaultAzureCredential');
  });
});
