import { Digest } from '@pratique/contracts';
import type { RegistryResponse } from './registry-transport.js';

/** A header that may be sent once; of several, the first counts. */
export function headerOf(response: RegistryResponse, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** `Docker-Content-Digest`; old registries leave it out, and one that cannot be recomputed is as good as none. */
export function digestHeader(response: RegistryResponse): Digest | undefined {
  return asDigest(headerOf(response, 'docker-content-digest') ?? '');
}

export function asDigest(text: string): Digest | undefined {
  const digest = Digest.safeParse(text);
  return digest.success ? digest.data : undefined;
}
