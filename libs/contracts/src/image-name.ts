import { z } from 'zod';

/**
 * A repository's name, without the registry's host.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
 */
const repositoryGrammar =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

// The specification leaves the length to the registries and notes that many clients count host and name together
// against 255 characters.
export const RepositoryName = z
  .string()
  .max(255, 'is longer than 255 characters')
  .regex(
    repositoryGrammar,
    'is not a repository name: lower-case letters, digits and separators . _ __ - between them',
  )
  .brand<'RepositoryName'>();
export type RepositoryName = z.infer<typeof RepositoryName>;

/** A tag: at most 128 characters, by the same specification section. */
export const Tag = z
  .string()
  .regex(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/, 'is not a tag: up to 128 letters, digits, _ . and -')
  .brand<'Tag'>();
export type Tag = z.infer<typeof Tag>;

/** Where a registry answers: a DNS name or IP address with an optional port, and nothing else: no scheme, user or path. */
export const RegistryHost = z
  .string()
  .max(255, 'is longer than 255 characters')
  .regex(
    /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/,
    'is not a host with an optional port, such as contoso.azurecr.io or 127.0.0.1:5000',
  )
  .brand<'RegistryHost'>();
export type RegistryHost = z.infer<typeof RegistryHost>;

/** The name under which `pratique.yaml` knows a registry; it stands in webhook addresses, events and logs. */
export const RegistryName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'is not a name of up to 63 lower-case letters, digits and inner dashes',
  )
  .brand<'RegistryName'>();
export type RegistryName = z.infer<typeof RegistryName>;
