import { z } from 'zod';
import { shown } from '../layers/entry-path.js';
import type { FileSink } from '../layers/tar-reader.js';
import { pathMatcher } from '../path-matcher.js';
import {
  type CheckReport,
  defineCheck,
  type FileUnderScan,
  type ImageUnderScan,
  type Inspection,
} from './check.js';
import { Findings } from './findings.js';
import { SecretFinder, secretPattern, type SecretPattern } from './secret-finder.js';
import { type SecretKind, secretKindNames, secretKinds } from './secret-kinds.js';

const Kinds = z.array(z.enum(secretKindNames)).min(1);

const Allowance = z.strictObject({
  paths: z.array(z.string().min(1).max(1024)).min(1).max(1000).describe('Globs of files'),
  kinds: Kinds.optional().describe('Which kinds are allowed there; default: all'),
  reason: z.string().min(1).max(500).describe('Why they are no secrets'),
});

const SecretsSettings = z.strictObject({
  kinds: Kinds.optional().describe('What to look for; default: every kind but jwt'),
  allow: z
    .array(Allowance)
    .max(1000)
    .optional()
    .describe('Where something may look like a secret and is none'),
});

/**
 * Secrets of well-known shapes in the files of an image: keys of clouds, tokens of forges and registries, private keys.
 *
 * Every layer is looked at, also what a later one hides: whoever can pull the image can read it. Archives within an image
 * (a `.zip`, a `.jar`) are looked at as they are and not opened. So are the environment and the labels in the config. A finding says where, and never what.
 */
export const secretsCheck = defineCheck({
  kind: 'secrets',
  settings: SecretsSettings,
  prepare: ({ kinds = usualKinds, allow = [] }) => {
    const allowances = allow.map((allowance) => ({
      matches: pathMatcher(allowance.paths),
      kinds: allowance.kinds ?? kinds,
    }));
    const isAllowed = (path: string, kind: SecretKind): boolean =>
      allowances.some((allowance) => allowance.kinds.includes(kind) && allowance.matches(path));
    const pattern = secretPattern(kinds);
    return () => new SecretsInspection(pattern, isAllowed);
  },
});

const usualKinds = secretKindNames.filter((kind) => !('onRequest' in secretKinds[kind]));

class SecretsInspection implements Inspection {
  private readonly findings = new Findings();
  private judged = 0;

  constructor(
    private readonly pattern: SecretPattern,
    private readonly isAllowed: (path: string, kind: SecretKind) => boolean,
  ) {}

  file(file: FileUnderScan): FileSink | undefined {
    if (file.kind !== 'file') return undefined;
    this.judged += 1;
    return new SecretFinder(this.pattern, (kind, line) => {
      if (!this.isAllowed(file.path, kind)) this.add(file, kind, line);
    });
  }

  /** What a build was given as a variable and has kept. */
  config({ config: { config }, descriptor }: ImageUnderScan): void {
    this.judged += 1;
    const kept = [...(config?.Env ?? []), ...Object.values(config?.Labels ?? {})].join('\n');
    const finder = new SecretFinder(this.pattern, (kind) => {
      this.findings.add({
        id: kind,
        layer: descriptor.digest,
        message: `The environment or a label in the image's config holds what looks like ${secretKinds[kind].name}.`,
        mend: 'Revoke it, and give it to the container when it starts, not to the build.',
      });
    });
    finder.write(Buffer.from(kept));
    finder.end();
  }

  report(): CheckReport {
    return this.findings.report({ judged: this.judged > 0 });
  }

  private add({ path, layer }: FileUnderScan, kind: SecretKind, line: number): void {
    this.findings.add({
      id: kind,
      path: shown(path),
      layer: layer.digest,
      line,
      message: `The file ${shown(path)} holds what looks like ${secretKinds[kind].name} in line ${line}.`,
      mend: 'Revoke it, and build the image without it: what a later layer deletes is still in the earlier one.',
    });
  }
}
