import { z } from 'zod';
import { isMadeBy, type StoredSbom } from '../sbom/stored-sboms.js';
import { grypeIdentity, grypeRecognised, GrypeReport, grypeVulnerabilities } from './grype-report.js';
import { invalidAnswer } from './no-answer-error.js';
import { parseAnswer } from './parse-answer.js';
import { type RegistryLogin, registryLogin, secretsOf } from './registry-login.js';
import { runProgram } from './run-program.js';
import { defineScanner, programSettings, type Scanner, scannerBase, type ScannerTarget } from './scanner.js';
import { known, type ScannerReport } from './vulnerability.js';
import { inWorkFolder, sbomFile, type WorkFiles } from './work-folder.js';

const GrypeSettings = z.strictObject({ kind: z.literal('grype'), ...scannerBase, ...programSettings });
type GrypeSettings = z.output<typeof GrypeSettings>;

/**
 * Grype's own program. It pulls the image itself, with rights from its environment. Its reports hold what EPSS and the
 * catalogue of exploited vulnerabilities say. https://oss.anchore.com/docs/reference/grype/cli/
 */
export const grypeScanner = defineScanner({
  kind: 'grype',
  settings: GrypeSettings,
  open: (settings) => new GrypeScanner(settings),
});

class GrypeScanner implements Scanner {
  private readonly who: string;

  constructor(private readonly settings: GrypeSettings) {
    this.who = `The scanner ${settings.name}`;
  }

  async scan(target: ScannerTarget): Promise<ScannerReport> {
    const sbom = target.sboms?.find((each) => isMadeBy('syft', each));
    return sbom === undefined ? await this.scanImage(target) : await this.scanSbom(sbom, target);
  }

  /** Syft is of the same makers, and what Grype itself looks at images with. */
  private async scanSbom(sbom: StoredSbom, { signal }: ScannerTarget): Promise<ScannerReport> {
    const report = await this.run(`sbom:${sbomFile}`, {
      ...{ env: {}, secrets: [], signal },
      files: { [sbomFile]: JSON.stringify(sbom) },
    });
    return { ...reportOf(report), from: 'sbom' };
  }

  private async scanImage(target: ScannerTarget): Promise<ScannerReport> {
    const { client, repository, digest, signal } = target;
    const login = registryLogin(await client.pullAuthorization(repository, { signal }));
    const report = await this.run(`registry:${client.host}/${repository}@${digest}`, {
      env: environmentOf(login, target),
      secrets: secretsOf(login),
      signal,
    });
    if (!isAbout(report, digest)) throw invalidAnswer(`${this.who} reported on another image.`);
    return reportOf(report);
  }

  private async run(
    source: string,
    {
      env,
      secrets,
      files,
      signal,
    }: {
      env: Record<string, string>;
      secrets: readonly string[];
      files?: WorkFiles;
      signal: AbortSignal;
    },
  ): Promise<GrypeReport> {
    const { path, maxReportBytes } = this.settings;
    const work = (folder: string): Promise<Buffer> =>
      runProgram({
        path,
        args: ['--output', 'json', '--quiet', source],
        cwd: folder,
        env: { ...this.environment(folder), ...env },
        maxOutputBytes: maxReportBytes,
        secrets,
        signal,
      });
    return parseAnswer(await inWorkFolder(work, files), GrypeReport, this.who);
  }

  private environment(folder: string): Record<string, string> {
    const { cacheFolder, updateDatabase } = this.settings;
    return {
      HOME: folder,
      TMPDIR: folder,
      GRYPE_CHECK_FOR_APP_UPDATE: 'false',
      GRYPE_DB_AUTO_UPDATE: String(updateDatabase),
      GRYPE_DB_CACHE_DIR: cacheFolder,
      // How old it may be is Pratique's to say: then the sentence is the same for every scanner.
      GRYPE_DB_VALIDATE_AGE: 'false',
    };
  }
}

function reportOf(report: GrypeReport): ScannerReport {
  return {
    scanner: grypeIdentity(report),
    vulnerabilities: grypeVulnerabilities(report),
    recognised: grypeRecognised(report),
  };
}

function environmentOf(login: RegistryLogin, { client }: ScannerTarget): Record<string, string> {
  return known({
    GRYPE_REGISTRY_AUTH_AUTHORITY: login && client.host,
    GRYPE_REGISTRY_AUTH_TOKEN: login && 'token' in login ? login.token : undefined,
    GRYPE_REGISTRY_AUTH_USERNAME: login && 'username' in login ? login.username : undefined,
    GRYPE_REGISTRY_AUTH_PASSWORD: login && 'password' in login ? login.password : undefined,
    GRYPE_REGISTRY_INSECURE_USE_HTTP: client.origin.startsWith('http:') ? 'true' : undefined,
  });
}

function isAbout({ source: { target } }: GrypeReport, digest: string): boolean {
  if (typeof target === 'string') return false;
  const named = [target.manifestDigest, ...(target.repoDigests ?? []).map((name) => name.split('@').at(-1))];
  return named.includes(digest);
}
