import { formatImage } from '@pratique/contracts';
import { OciError } from '@pratique/oci';
import { lookAtImage } from '../../../scan/src/look-at-image.js';
import { isClean } from '../scan-findings.js';
import { scanLines } from '../scan-lines.js';
import { scanSarif } from '../scan-sarif.js';
import { type ScanTarget, withScanTarget } from '../scan-target.js';
import type { Console } from '../console.js';
import { UsageError } from '../usage-error.js';
import { type Answer, defineVerb } from '../verb.js';

export const scanVerb = defineVerb({
  name: 'scan',
  summary: 'scan an image here and now by the policies of a pratique.yaml, and say what each check found',
  description: `
Reads an image from its registry, everything that it reaches, to the last byte, and judges it as the service would: the
same checks, limits and exceptions, in threads of their own. Nothing is released, kept, published or stored, so it may be
tried on anything: on an image before it is pushed on, or on a policy before it counts.

The image is REGISTRY/REPOSITORY:TAG or …@DIGEST, where REGISTRY is the name or the host of a registry in the file; its
credentials are used. A host that is not in the file is asked without any, and then --policy has to say by what.
Without --policy the policies count that apply to the repository. One that only observes is shown, and does not count
unless it is named.`,
  words: ['IMAGE'],
  options: {
    config: {
      type: 'string',
      value: 'FILE',
      help: 'the file with the policies; default: $PRATIQUE_CONFIG, else pratique.yaml',
    },
    policy: {
      type: 'string',
      multiple: true,
      value: 'NAME',
      help: 'this policy, whatever it applies to; may be repeated',
    },
    sarif: { type: 'boolean', help: 'print SARIF 2.1.0, which code hosts and editors read' },
    'plain-http': { type: 'boolean', help: 'a host that is not in the file speaks HTTP without TLS' },
  },
  examples: [
    'pratique scan vendor/tripinsights/web:1.2',
    'pratique scan 127.0.0.1:5001/bicep/foo:1.0 --policy bicep-only --plain-http',
    'pratique scan customer/team/app:1.0 --sarif > scan.sarif',
    'pratique scan customer/team/app:1.0 --json | jq -r ".manifests[].checks[] | select(.result != \\"passed\\") | .kind"',
  ],
  exitCodes: {
    0: 'it would be cleared',
    1: 'it would not: something was found, it cannot be read in full, somebody did not answer, or it is not there',
  },
  run: async ({ config, policy, sarif, 'plain-http': plainHttp }, console, [reference]) => {
    if (reference === undefined)
      throw new UsageError('Say which image: pratique scan REGISTRY/REPOSITORY:TAG');
    return await withScanTarget({ config, policies: policy, plainHttp, reference }, async (target) => {
      const scanned = await scan(target, console);
      return sarif === true ? { ...scanned, ...asSarif(scanned) } : scanned;
    });
  },
});

async function scan(target: ScanTarget, console: Console): Promise<Answer> {
  const { client, repository, reference, registry, tag } = target;
  const { signal } = new AbortController();
  let progress: ReturnType<Console['progress']> | undefined;
  try {
    const found = await client.resolve(repository, reference, { signal });
    if (found === undefined) return refusal(`There is no ${formatImage({ ...target })} in ${registry}.`);
    const image = { registry, repository, digest: found.digest, ...(tag && { tag }) };
    const onProgress = (done: number, total: number): void => {
      progress ??= console.progress('parts read', total);
      progress.at(done);
    };
    const report = await lookAtImage({ ...target, image, onProgress, signal });
    return { exitCode: isClean(report) ? 0 : 1, document: report, lines: scanLines(report) };
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    return refusal(error.message, error.code);
  } finally {
    progress?.end();
  }
}

function refusal(message: string, code = 'not-found'): Answer {
  return { exitCode: 1, document: { error: { code, message } }, lines: [message] };
}

/** An image that was not scanned has no findings to tell of. */
function asSarif({ document, lines }: Answer): Pick<Answer, 'document' | 'lines'> {
  const sarif = scanSarif(document, lines);
  return { document: sarif, lines: JSON.stringify(sarif, null, 2).split('\n') };
}
