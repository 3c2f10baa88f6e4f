import { run } from './child-process.js';
import { requiredProgram } from './required-program.js';

/** Runs Debian's skopeo against registries that speak plain HTTP. @returns what it printed */
export async function skopeo(...args: string[]): Promise<string> {
  const program = requiredProgram({ name: 'skopeo', debianPackage: 'skopeo' });
  return run(program, ['--insecure-policy', ...args]);
}
