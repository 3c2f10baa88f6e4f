import { type AttestedVerdict, isOwnArtifact } from '@pratique/attestation';
import {
  type Digest,
  deriveId,
  type OutcomeImage,
  type RegistryEvent,
  type RepositoryName,
} from '@pratique/contracts';
import { type Descriptor, OciError } from '@pratique/oci';
import type { RegistryConnection } from '@pratique/registry-access';
import type { PolicyJudgement } from '../judge-scan.js';
import type { Quarantine } from '../quarantine/quarantine.js';
import type { ReportStore } from '../reports/folder-report-store.js';
import { attachSbom } from '../sbom/attach-sbom.js';
import type { ScanReport } from '../scan-report.js';
import type { ScanLimits } from '../scan-limits.settings.js';
import { namesOf } from '../scan-policy.js';
import { unreadableBy } from '../unreadable.js';
import { attestVerdict } from './attest-verdict.js';
import { describeVerdict } from './describe-verdict.js';
import type { SigningIdentity } from './open-signer.js';

/** A verdict that is to be kept, before anything is done about it. */
export interface VerdictToKeep {
  event: RegistryEvent;
  connection: RegistryConnection;
  quarantine: Quarantine | undefined;
  image: OutcomeImage & { digest: Digest };
  /** Under which clients know the repository. */
  known: RepositoryName;
  judgement: PolicyJudgement;
  /** Digest of the whole report, where that is kept. */
  report: Digest | undefined;
  signal: AbortSignal;
}

export interface KeptVerdict {
  /** Of the report, where one is kept. */
  report?: Digest | undefined;
  /** Of the artifact that carries the signed verdict, where one is attached. */
  attestation?: Digest | undefined;
  /** What held before, as far as we have signed it. */
  previous?: AttestedVerdict['status'] | undefined;
}

interface Keeping {
  /** Where the whole reports are kept, if they are. */
  reports?: ReportStore | undefined;
  /** Who signs, if anybody does. */
  identity?: SigningIdentity | undefined;
  /** Where images that have no SBOM get one: within which limits they may be read for it. */
  sbom?: ScanLimits | undefined;
}

/** What stays of a verdict: the report, and a signed statement at the image. Both may be kept twice and are there once. */
export class VerdictRecords {
  constructor(private readonly keeping: Keeping = {}) {}

  /** Whether an artifact is one that was attached here, and so is no image to scan. */
  async isOwn(
    { client }: RegistryConnection,
    artifact: { repository: RepositoryName; found: Descriptor; signal: AbortSignal },
  ): Promise<boolean> {
    const { identity } = this.keeping;
    if (identity === undefined) return false;
    const { repository, found, signal } = artifact;
    try {
      const manifest = await client.manifest(repository, found.digest, { signal });
      return await isOwnArtifact(client, { repository, manifest, keys: await identity.ownKeys(), signal });
    } catch (error) {
      // What cannot be read as a manifest is nothing of ours; the scan says what is wrong with it.
      if (error instanceof OciError && !error.retryable) return false;
      throw error;
    }
  }

  /**
   * Keeps the whole report of a scan, where reports are kept; of a scan that is done again after a crash, the first.
   *
   * @returns its digest
   * @throws ReportError
   */
  async keepReport(build: () => ScanReport): Promise<Digest | undefined> {
    const { reports } = this.keeping;
    if (reports === undefined) return undefined;
    const report = build();
    const { image, eventId = '', verdict, startedAt } = report;
    const id = deriveId('report', eventId, image.digest, verdict?.status ?? 'observed');
    const bytes = Buffer.from(JSON.stringify(report));
    return await reports.keep({ id, at: new Date(startedAt), bytes });
  }

  /**
   * Signs a verdict and attaches it. One that is none (`error`) is not signed.
   *
   * @throws AttestationError, OciError: then nothing may be done about the image
   */
  async keep(verdict: VerdictToKeep): Promise<KeptVerdict> {
    const { event, image, judgement, report } = verdict;
    const { status } = judgement.verdict;
    const id = deriveId('verdict', event.id, image.digest, namesOf(judgement.policies));
    if (this.keeping.identity === undefined || status === 'error') return { report };
    const manifests = await this.describe(verdict);
    const { artifacts, previous } = await this.attest(id, { ...verdict, manifests });
    const boms = status === 'passed' ? await this.attachSboms(manifests, verdict) : [];
    for (const digest of [...artifacts, ...boms]) {
      const { quarantine, signal } = verdict;
      await quarantine?.admit({ repository: image.repository, digest, signal });
    }
    return { report, attestation: artifacts.at(-1), previous: previous?.status };
  }

  private async attachSboms(
    manifests: readonly Descriptor[],
    { connection, image, known, signal }: VerdictToKeep,
  ): Promise<Digest[]> {
    const { identity, sbom: limits } = this.keeping;
    if (identity === undefined || limits === undefined) return [];
    const { client } = connection;
    const { repository } = image;
    const attached: Digest[] = [];
    for (const manifest of manifests) {
      const name = `${client.host}/${known}`;
      const digest = await attachSbom({
        client,
        repository,
        name,
        image: manifest,
        identity,
        limits,
        signal,
      });
      if (digest !== undefined) attached.push(digest);
    }
    return attached;
  }

  private async attest(
    id: string,
    verdict: VerdictToKeep & { manifests: readonly Descriptor[] },
  ): ReturnType<typeof attestVerdict> {
    const { identity } = this.keeping;
    if (identity === undefined) return { artifacts: [], previous: undefined };
    const { connection, image, known, judgement, manifests, signal } = verdict;
    const { client } = connection;
    return await attestVerdict({
      ...{ client, repository: image.repository, name: `${client.host}/${known}`, manifests },
      ...describeVerdict({ id, image, judgement, report: verdict.report, at: new Date() }),
      ...{ identity, signal },
    });
  }

  /**
   * Everything that the verdict covers, as the registry has it, the image last. What is gone is left out, and of an image
   * that is refused what is no manifest: nothing can be attached to it.
   */
  private async describe({ connection, image, judgement, signal }: VerdictToKeep): Promise<Descriptor[]> {
    const { client } = connection;
    const digests = [...judgement.verdicts.keys()].filter((digest) => digest !== image.digest);
    const found: Descriptor[] = [];
    for (const digest of [...digests, image.digest]) {
      try {
        const descriptor = await client.resolve(image.repository, digest, { signal });
        if (descriptor !== undefined) found.push(descriptor);
      } catch (error) {
        if (judgement.verdict.status === 'passed' || unreadableBy(error) === undefined) throw error;
      }
    }
    return found;
  }
}
