/**
 * The process's environment, read in this one place: everything else is given its settings, and so can be tested and
 * explained without knowing what some shell had exported.
 */
export function environmentVariable(name: string): string | undefined {
  return process.env[name];
}

/** Where `pratique.yaml` is, unless a command line says otherwise: `PRATIQUE_CONFIG`, else the working folder. */
export function configPath(): string {
  return environmentVariable('PRATIQUE_CONFIG') ?? 'pratique.yaml';
}
