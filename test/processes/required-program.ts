import { accessSync, constants, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A program that the interop tests cannot do without, and the Debian package that brings it. */
export interface RequiredProgram {
  name: string;
  debianPackage: string;
}

/**
 * The path of a program.
 *
 * @throws Error that names the package to install; the tests never skip, since a skipped test proves nothing
 */
export function requiredProgram({ name, debianPackage }: RequiredProgram): string {
  const folders = ['/usr/bin', '/usr/local/bin', '/usr/sbin', '/bin', ...postgresFolders()];
  const path = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (path !== undefined) return path;
  throw new Error(`The interop tests need ${name}: install Debian's package "${debianPackage}".`);
}

// Debian keeps PostgreSQL's server programs out of the PATH, in a folder for each version.
function postgresFolders(): string[] {
  try {
    return readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`);
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
