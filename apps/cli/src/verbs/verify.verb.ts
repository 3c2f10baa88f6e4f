import { readFileSync } from 'node:fs';
import type { KeyObject } from 'node:crypto';
import { AttestationError, findStatements, readPublicKey, verdictType } from '@pratique/attestation';
import { formatImageReference, type ImageReference } from '@pratique/contracts';
import { OciError, type RegistryClient } from '@pratique/oci';
import { judgeAttestations, type Judged } from '../judge-attestations.js';
import { imageOf, registryFor } from '../registry-for-image.js';
import { UsageError } from '../usage-error.js';
import { type Answer, defineVerb } from '../verb.js';

const day = 24 * 60 * 60 * 1000;

export const verifyVerb = defineVerb({
  name: 'verify',
  summary: 'check the signed verdict that is attached to an image',
  description: `
Reads what is attached to an image, host/repository:tag or host/repository@sha256:…, in its registry, and checks with a public key that Pratique has signed a verdict about
these bytes and that the newest one has passed. Nobody else is asked: no service of Pratique, no transparency log. What
nobody with the key has signed, or what is about another image, counts for nothing.

The registry is the image's own; the configuration is looked at for credentials only, and needs not be there.`,
  words: ['IMAGE'],
  options: {
    key: {
      type: 'string',
      multiple: true,
      value: 'FILE',
      help: 'the public key in PEM; may be repeated, for a rotation',
    },
    policy: { type: 'string', multiple: true, value: 'NAME', help: 'a policy that must have been applied' },
    'max-age': { type: 'string', value: 'DAYS', help: 'how old the verdict may be' },
    config: { type: 'string', value: 'FILE', help: 'the pratique.yaml with the credentials of the registry' },
    'plain-http': { type: 'boolean', help: 'speak HTTP without TLS, for a registry on this machine' },
  },
  examples: [
    'pratique verify contoso.azurecr.io/team/app:1.0 --key pratique.pub',
    'pratique verify contoso.azurecr.io/team/app:1.0 --key pratique.pub --policy production --max-age 30',
    'pratique verify contoso.azurecr.io/team/app:1.0 --key pratique.pub --json | jq .verdict.pratique.checks',
  ],
  exitCodes: {
    0: 'the newest verdict has passed, and is what was asked for',
    1: 'it has not, or there is none, or the registry cannot be read',
  },
  run: async (values, _console, words) => {
    const image = imageOf(words);
    const keys = readKeys(values.key);
    const maxAge = values['max-age'];
    const demands = {
      policies: values.policy ?? [],
      maxAgeMs: maxAge === undefined ? undefined : days(maxAge),
    };
    const client = registryFor(image, { config: values.config, plainHttp: values['plain-http'] });
    try {
      return answer(image, await verify(client, { image, keys, ...demands }));
    } catch (error) {
      if (error instanceof OciError) return answer(image, { verified: false, message: error.message });
      throw error;
    } finally {
      await client.close();
    }
  },
});

interface Verification {
  image: ImageReference;
  keys: readonly KeyObject[];
  policies: readonly string[];
  maxAgeMs: number | undefined;
}

async function verify(
  client: RegistryClient,
  { image, keys, ...demands }: Verification,
): Promise<Judged & { digest?: string }> {
  const { repository, tag, digest } = image;
  const reference = digest ?? tag;
  const found = reference === undefined ? undefined : await client.resolve(repository, reference);
  if (found === undefined) return { verified: false, message: 'It is not there, or may not be pulled.' };
  const question = { repository, subject: found.digest, predicateType: verdictType, keys };
  const statements = await findStatements(client, question);
  return { ...judgeAttestations(statements, { ...demands, now: new Date() }), digest: found.digest };
}

function answer(image: ImageReference, judged: Judged & { digest?: string }): Answer {
  const name = formatImageReference(image);
  const { verified, message, digest, verdict } = judged;
  return {
    exitCode: verified ? 0 : 1,
    document: { image: name, ...judged },
    lines: [
      `${name}${digest === undefined || image.digest !== undefined ? '' : ` (${digest})`}: ${message}`,
      ...(verdict === undefined
        ? []
        : [
            `  decided ${verdict.pratique.decidedAt} by ${verdict.configuration.map((policy) => policy.name).join(', ')}`,
            ...verdict.pratique.checks.map(({ policy, check, result }) => `  ${policy}/${check}: ${result}`),
          ]),
    ],
  };
}

function readKeys(files: readonly string[] = []): KeyObject[] {
  if (files.length === 0)
    throw new UsageError('Say whose signature counts: --key FILE, the public key in PEM');
  return files.map((file) => {
    try {
      return readPublicKey(readFileSync(file, 'utf8'));
    } catch (error) {
      if (error instanceof AttestationError) throw new UsageError(`${file}: ${error.message}`);
      throw new UsageError(
        `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
      );
    }
  });
}

function days(text: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(text)) throw new UsageError(`--max-age ${text} is no number of days from 1`);
  return Number(text) * day;
}
