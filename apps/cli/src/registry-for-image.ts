import { existsSync } from 'node:fs';
import { configPath, loadConfig } from '@pratique/config';
import { type ImageReference, ImageReferenceError, parseImageReference } from '@pratique/contracts';
import { anonymousTokens, RegistryClient } from '@pratique/oci';
import { RegistriesSection } from '@pratique/registries';
import { connectRegistry } from '@pratique/registry-access';
import { z } from 'zod';
import { UsageError } from './usage-error.js';

const RegistriesConfig = z.object({ registries: RegistriesSection.default([]) });

/** @throws UsageError for what is no image */
export function imageOf(words: readonly string[]): ImageReference {
  const [text] = words;
  if (text === undefined) {
    throw new UsageError('Name one image: host/repository:tag or host/repository@sha256:…');
  }
  try {
    return parseImageReference(text);
  } catch (error) {
    if (error instanceof ImageReferenceError) throw new UsageError(error.message);
    throw error;
  }
}

/**
 * A client for the registry of an image: with the credentials of the configuration where that knows the host, and as nobody
 * in particular where it does not. A person names the host here, not a message.
 *
 * @throws ConfigError
 */
export function registryFor(
  { host }: ImageReference,
  { config, plainHttp }: { config?: string | undefined; plainHttp?: boolean | undefined },
): RegistryClient {
  const path = config ?? configPath();
  const known = config !== undefined || existsSync(path) ? loadConfig(path, RegistriesConfig).registries : [];
  const settings = known.find((registry) => registry.host === host);
  if (settings !== undefined) return connectRegistry(settings).reader;
  return new RegistryClient({ host, plainHttp: plainHttp ?? false, tokens: anonymousTokens() });
}
