import { join } from 'node:path';
import { run } from './child-process.js';
import type { TlsFiles } from './docker-registry.js';
import { requiredProgram } from './required-program.js';

/** Makes a certificate for 127.0.0.1 that lasts for a day, which is its own authority. */
export async function selfSignedCertificate(folder: string): Promise<TlsFiles> {
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  await run(requiredProgram({ name: 'openssl', debianPackage: 'openssl' }), [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', files.key, '-out', files.certificate],
  ]);
  return files;
}
