import { SetupError } from '@pratique/config';
import { azureCredential } from './azure-credential.js';

describe('azure-identity/azure-credential', () => {
  it('makes the credential of the machine without asking anybody', () => {
    expect(azureCredential('managed').constructor.name).toBe('ManagedIdentityCredential');
    expect(azureCredential('default').constructor.name).toBe('DefaultAzureCredential');
  });

  it('says where a workload identity can be had, where there is none', () => {
    expect(() => azureCredential('workload')).toThrow(SetupError);
    expect(() => azureCredential('workload')).toThrow(/is not available here: AKS gives it to pods/);
  });
});
