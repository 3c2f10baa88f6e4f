import { AzureIdentity, SecretReference } from '@pratique/config';
import { z } from 'zod';

const KeyVaultKey = z.strictObject({
  keyVault: z
    .url({ protocol: /^https$/ })
    .describe('https://<vault>.vault.azure.net/keys/<name>; with /<version> behind it, always that one'),
  identity: AzureIdentity.default('default').describe('Needs the role Key Vault Crypto User'),
});

const PemKey = z.strictObject({
  pem: SecretReference.describe('A private key: ECDSA, Ed25519, or RSA of at least 2048 bits'),
});

/** The section `attestation` of `pratique.yaml`: with what verdicts are signed. Without it none is. */
export const AttestationSection = z
  .strictObject({
    key: z.union([PemKey, KeyVaultKey], {
      error: 'is no key: write { pem: { file: … } } or { keyVault: https://… , identity: workload }',
    }),
    previousKeys: z
      .array(SecretReference)
      .max(20)
      .default([])
      .describe('Public keys in PEM with which verdicts were signed before; theirs still count as ours'),
    sbom: z
      .boolean()
      .default(false)
      .describe('Attach a list of the packages to an image that passes and has none; reads it a second time'),
  })
  .optional();
export type AttestationSection = z.output<typeof AttestationSection>;
