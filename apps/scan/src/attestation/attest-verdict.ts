import {
  type AttestedVerdict,
  attachStatement,
  buildVerdictStatement,
  findStatements,
  signStatement,
  verdictIn,
  verdictType,
} from '@pratique/attestation';
import type { Digest, RepositoryName } from '@pratique/contracts';
import type { Descriptor, RegistryClient } from '@pratique/oci';
import type { SigningIdentity } from './open-signer.js';

export interface VerdictToAttest {
  client: RegistryClient;
  /** In which the image is, and under which name it is known. */
  repository: RepositoryName;
  name: string;
  /** The image and what it consists of, the image last. */
  manifests: readonly Descriptor[];
  policies: readonly { name: string; sha256: string }[];
  verdict: AttestedVerdict;
  identity: SigningIdentity;
  signal: AbortSignal;
}

export interface Attested {
  /** Of the artifacts: those on what the image consists of, and the image's own last. */
  artifacts: Digest[];
  /** The verdict of ours that held before this one. */
  previous: AttestedVerdict | undefined;
}

/**
 * Attaches a signed verdict to an image. A verdict that is attached already is not attached again: whoever was cut off
 * between this and the next step comes here a second time.
 *
 * A verdict that lets an image through is attached to everything that it consists of, so that whoever has only the image of
 * one platform can check it too; a refusal to the image itself.
 *
 * @throws AttestationError where it cannot be signed, OciError
 */
export async function attestVerdict(attesting: VerdictToAttest): Promise<Attested> {
  const { manifests, verdict } = attesting;
  const root = manifests.at(-1);
  if (root === undefined) return { artifacts: [], previous: undefined };
  const { known, previous } = await knownVerdicts(attesting, root);
  const bundle = known?.bundle ?? (await sign(attesting));
  const targets = verdict.status === 'passed' ? manifests : [root];
  const artifacts: Digest[] = [];
  for (const subject of targets) {
    const { client, repository, signal } = attesting;
    artifacts.push(
      await attachStatement(client, { repository, subject, bundle, predicateType: verdictType, signal }),
    );
  }
  return { artifacts, previous };
}

async function knownVerdicts(
  { client, repository, verdict, identity, signal }: VerdictToAttest,
  root: Descriptor,
): Promise<{ known: { bundle: Buffer } | undefined; previous: AttestedVerdict | undefined }> {
  const { signed } = await findStatements(client, {
    ...{ repository, subject: root.digest, predicateType: verdictType, signal },
    keys: await identity.ownKeys(),
  });
  const ours = signed.flatMap(({ statement, bundle }) => {
    const said = verdictIn(statement)?.pratique;
    return said === undefined ? [] : [{ said, bundle }];
  });
  const known = ours.find(({ said }) => said.id === verdict.id && said.status === verdict.status);
  const before = ours
    .map(({ said }) => said)
    .filter(({ id }) => id !== verdict.id)
    .toSorted((a, b) => Date.parse(b.decidedAt) - Date.parse(a.decidedAt));
  return { known, previous: before[0] };
}

async function sign({ name, manifests, policies, verdict, identity }: VerdictToAttest): Promise<Buffer> {
  const covered = verdict.status === 'passed' ? manifests : manifests.slice(-1);
  const [root, ...children] = covered.map(({ digest }) => digest).toReversed();
  if (root === undefined) throw new Error('A verdict is about an image.');
  const statement = buildVerdictStatement({ name, digests: [root, ...children], policies, verdict });
  return await signStatement(statement, identity.signer);
}
