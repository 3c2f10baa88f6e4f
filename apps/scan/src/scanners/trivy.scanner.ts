import { SecretReference } from '@pratique/config';
import { z } from 'zod';
import { isMadeBy, type StoredSbom } from '../sbom/stored-sboms.js';
import { known } from './vulnerability.js';
import { invalidAnswer } from './no-answer-error.js';
import { parseAnswer } from './parse-answer.js';
import { registryLogin, secretsOf } from './registry-login.js';
import { runProgram } from './run-program.js';
import { defineScanner, programSettings, type Scanner, scannerBase, type ScannerTarget } from './scanner.js';
import { readTrivyServerVersion } from './trivy-server.js';
import { trivyRecognised, TrivyReport, TrivyVersion, trivyVulnerabilities } from './trivy-report.js';
import type { ScannerReport } from './vulnerability.js';
import { inWorkFolder, sbomFile, type WorkFiles } from './work-folder.js';

const TrivySettings = z.strictObject({
  kind: z.literal('trivy'),
  ...scannerBase,
  ...programSettings,
  server: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }),
      token: SecretReference.optional(),
    })
    .optional()
    .describe('A Trivy server that has the data; the program then only reads the image'),
});
type TrivySettings = z.output<typeof TrivySettings>;

/**
 * Trivy's own program, alone or with a Trivy server. It pulls the image itself; its rights stand in its environment, which
 * no other user's processes can read, and not among its arguments, which they can.
 * https://trivy.dev/latest/docs/references/configuration/cli/trivy_image/
 */
export const trivyScanner = defineScanner({
  kind: 'trivy',
  settings: TrivySettings,
  open: (settings) => new TrivyScanner(settings),
});

class TrivyScanner implements Scanner {
  private readonly who: string;

  constructor(private readonly settings: TrivySettings) {
    this.who = `The scanner ${settings.name}`;
  }

  async scan(target: ScannerTarget): Promise<ScannerReport> {
    const sbom = target.sboms?.find((each) => isMadeBy('trivy', each));
    return sbom === undefined ? await this.scanImage(target) : await this.scanSbom(sbom, target);
  }

  /** https://trivy.dev/latest/docs/target/sbom/: what other tools write, Trivy reads with gaps. */
  private async scanSbom(sbom: StoredSbom, { signal }: ScannerTarget): Promise<ScannerReport> {
    const { server } = this.settings;
    const args = ['sbom', '--format', 'json', '--exit-code', '0', '--quiet'];
    const output = await this.run([...args, ...(server ? ['--server', server.url] : []), sbomFile], {
      env: known({ TRIVY_TOKEN: server?.token?.reveal() }),
      secrets: [],
      files: { [sbomFile]: JSON.stringify(sbom) },
      signal,
    });
    return { ...(await this.report(output, sbomFile, signal)), from: 'sbom' };
  }

  private async scanImage({ client, repository, digest, signal }: ScannerTarget): Promise<ScannerReport> {
    const login = registryLogin(await client.pullAuthorization(repository, { signal }));
    const image = `${client.host}/${repository}@${digest}`;
    const { server } = this.settings;
    const args = ['image', '--format', 'json', '--scanners', 'vuln', '--exit-code', '0', '--quiet'];
    const env = known({
      TRIVY_USERNAME: login && 'username' in login ? login.username : undefined,
      TRIVY_PASSWORD: login && 'password' in login ? login.password : undefined,
      TRIVY_REGISTRY_TOKEN: login && 'token' in login ? login.token : undefined,
      TRIVY_INSECURE: client.origin.startsWith('http:') ? 'true' : undefined,
      TRIVY_TOKEN: server?.token?.reveal(),
    });
    const output = await this.run([...args, ...(server ? ['--server', server.url] : []), image], {
      env,
      secrets: secretsOf(login),
      signal,
    });
    return await this.report(output, image, signal);
  }

  private async report(output: Buffer, about: string, signal: AbortSignal): Promise<ScannerReport> {
    const report = parseAnswer(output, TrivyReport, this.who);
    if (report.ArtifactName !== about) throw invalidAnswer(`${this.who} reported on another image.`);
    return {
      scanner: identityOf(await this.version(signal)),
      vulnerabilities: trivyVulnerabilities(report),
      recognised: trivyRecognised(report),
    };
  }

  /** Asked afterwards: the program may have fetched newer data on the way. */
  private async version(signal: AbortSignal): Promise<TrivyVersion> {
    const { server, name } = this.settings;
    if (server !== undefined) return await readTrivyServerVersion({ url: server.url, name, signal });
    const output = await this.run(['version', '--format', 'json'], { env: {}, secrets: [], signal });
    return parseAnswer(output, TrivyVersion, this.who);
  }

  private async run(
    args: readonly string[],
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
  ): Promise<Buffer> {
    const { path, maxReportBytes } = this.settings;
    const work = (folder: string): Promise<Buffer> =>
      runProgram({
        path,
        args,
        cwd: folder,
        env: { ...this.environment(folder), ...env },
        maxOutputBytes: maxReportBytes,
        secrets,
        signal,
      });
    return await inWorkFolder(work, files);
  }

  /** As variables, since a Trivy that does not know one of them ignores it, where an option would end it. */
  private environment(folder: string): Record<string, string> {
    const { cacheFolder, updateDatabase, timeMs, server } = this.settings;
    const stay = String(!updateDatabase);
    return {
      HOME: folder,
      TRIVY_CACHE_DIR: cacheFolder,
      TRIVY_CACHE_BACKEND: 'memory',
      TRIVY_DISABLE_TELEMETRY: 'true',
      TRIVY_IMAGE_SRC: 'remote',
      TRIVY_LIST_ALL_PKGS: 'true',
      TRIVY_SKIP_CHECK_UPDATE: 'true',
      TRIVY_SKIP_VERSION_CHECK: 'true',
      TRIVY_SKIP_VEX_REPO_UPDATE: 'true',
      TRIVY_TIMEOUT: `${Math.ceil(timeMs / 1000)}s`,
      // With a server there is no data here to keep up to date, and Trivy refuses to be told so.
      ...(server === undefined && {
        TRIVY_OFFLINE_SCAN: stay,
        TRIVY_SKIP_DB_UPDATE: stay,
        TRIVY_SKIP_JAVA_DB_UPDATE: stay,
      }),
    };
  }
}

function identityOf({ Version, VulnerabilityDB }: TrivyVersion): ScannerReport['scanner'] {
  const moment = new Date(VulnerabilityDB?.UpdatedAt ?? '');
  return {
    name: 'Trivy',
    vendor: 'Aqua Security',
    version: Version.slice(0, 255),
    database: known({
      version: typeof VulnerabilityDB?.Version === 'number' ? String(VulnerabilityDB.Version) : undefined,
      updatedAt: Number.isNaN(moment.getTime()) ? undefined : moment.toISOString(),
    }),
  };
}
