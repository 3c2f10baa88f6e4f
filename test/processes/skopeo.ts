import { run } from './child-process.js';
import { requiredProgram } from './required-program.js';

/** Runs Debian's skopeo. @returns what it printed */
export async function skopeo(...args: string[]): Promise<string> {
  const program = requiredProgram({ name: 'skopeo', debianPackage: 'skopeo' });
  return run(program, ['--insecure-policy', ...args]);
}

/** The same, trusting the certificate authority of a PEM file and nobody else. */
export async function skopeoTrusting(authority: string, ...args: string[]): Promise<string> {
  const program = requiredProgram({ name: 'skopeo', debianPackage: 'skopeo' });
  return run('/usr/bin/env', [`SSL_CERT_FILE=${authority}`, program, '--insecure-policy', ...args]);
}
