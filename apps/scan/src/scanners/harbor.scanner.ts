import { type Secret, SecretReference } from '@pratique/config';
import { z } from 'zod';
import { callHarbor, type HarborEndpoint, waitForReport } from './harbor-client.js';
import {
  capabilityOf,
  HarborMetadata,
  harborMediaType,
  HarborReport,
  HarborScanAccepted,
  identityOf,
  vulnerabilitiesIn,
} from './harbor-report.js';
import { unavailable } from './no-answer-error.js';
import { parseAnswer } from './parse-answer.js';
import { defineScanner, type Scanner, scannerBase, type ScannerTarget } from './scanner.js';
import type { ScannerReport } from './vulnerability.js';

const HarborSettings = z.strictObject({
  kind: z.literal('harbor'),
  ...scannerBase,
  url: z.url({ protocol: /^https?$/ }).describe('Address of the adapter, without /api/v1'),
  credentials: z
    .union([
      z.strictObject({ username: z.string().min(1).max(255), password: SecretReference }),
      z.strictObject({ token: SecretReference }),
    ])
    .optional()
    .describe('Basic or Bearer, as the adapter wants it'),
});
type HarborSettings = z.output<typeof HarborSettings>;

/**
 * Any scanner with an adapter for Harbor: Trivy's, Clair's, Anchore's and others. The adapter pulls the image itself, with
 * a right to pull that Pratique hands it.
 * https://github.com/goharbor/pluggable-scanner-spec
 */
export const harborScanner = defineScanner({
  kind: 'harbor',
  settings: HarborSettings,
  open: (settings) => new HarborScanner(settings),
});

class HarborScanner implements Scanner {
  private readonly endpoint: HarborEndpoint;
  private readonly who: string;

  constructor({ name, url, credentials, maxReportBytes }: HarborSettings) {
    this.endpoint = { name, url, authorization: authorizationOf(credentials), maxReportBytes };
    this.who = `The scanner ${name}`;
  }

  async scan(target: ScannerTarget): Promise<ScannerReport> {
    const metadata = await this.metadata(target.signal);
    const id = await this.start(target, capabilityOf(metadata));
    const vulnerabilities = vulnerabilitiesIn(await this.report(id, target.signal));
    return { scanner: identityOf(metadata), vulnerabilities };
  }

  /** Asked for each image anew: the age of its data is part of the answer. */
  private async metadata(signal: AbortSignal): Promise<HarborMetadata> {
    const { bytes } = await callHarbor(this.endpoint, {
      method: 'GET',
      path: '/metadata',
      accept: harborMediaType.metadata,
      expect: [200],
      signal,
    });
    return parseAnswer(bytes, HarborMetadata, this.who);
  }

  private async start(
    { client, repository, digest, signal }: ScannerTarget,
    { consumes, produces }: ReturnType<typeof capabilityOf>,
  ): Promise<string> {
    const manifest = await client.manifest(repository, digest, { signal });
    const { mediaType } = manifest.descriptor;
    if (!consumes.includes(mediaType)) throw this.unable(`scans no ${mediaType}`);
    if (!produces.some((type) => sameType(type, harborMediaType.report))) {
      throw this.unable('gives no report of vulnerabilities in version 1.1');
    }
    const authorization = await client.pullAuthorization(repository, { signal });
    const value = {
      registry: { url: client.origin, ...(authorization !== undefined && { authorization }) },
      artifact: { repository, digest, mime_type: mediaType },
      enabled_capabilities: [{ type: 'vulnerability', produces_mime_types: [harborMediaType.report] }],
    };
    const { bytes } = await callHarbor(this.endpoint, {
      method: 'POST',
      path: '/scan',
      accept: harborMediaType.scanResponse,
      body: { mediaType: harborMediaType.scanRequest, value },
      expect: [202],
      signal,
    });
    return parseAnswer(bytes, HarborScanAccepted, this.who).id;
  }

  private async report(id: string, signal: AbortSignal): Promise<HarborReport> {
    for (;;) {
      const { status, headers, bytes } = await callHarbor(this.endpoint, {
        method: 'GET',
        path: `/scan/${encodeURIComponent(id)}/report`,
        accept: harborMediaType.report,
        expect: [200, 302],
        signal,
      });
      if (status === 200) return parseAnswer(bytes, HarborReport, this.who);
      await waitForReport(headers, signal);
    }
  }

  private unable(what: string): Error {
    return unavailable(`${this.who} ${what}: use an adapter that can.`, { retryable: false });
  }
}

function authorizationOf(credentials: HarborSettings['credentials']): string | undefined {
  if (credentials === undefined) return undefined;
  if ('token' in credentials) return `Bearer ${reveal(credentials.token)}`;
  const { username, password } = credentials;
  return `Basic ${Buffer.from(`${username}:${reveal(password)}`).toString('base64')}`;
}

function reveal(secret: Secret): string {
  return secret.reveal();
}

/** `a/b; version=1.1` and `a/b;version=1.1` are one type. */
function sameType(one: string, other: string): boolean {
  return one.replaceAll(' ', '') === other.replaceAll(' ', '');
}
