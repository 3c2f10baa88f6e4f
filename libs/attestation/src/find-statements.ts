import type { KeyObject } from 'node:crypto';
import type { Digest, RepositoryName } from '@pratique/contracts';
import {
  type Descriptor,
  isIndex,
  type Manifest,
  OciError,
  readBounded,
  type RegistryClient,
} from '@pratique/oci';
import { AttestationError } from './attestation-error.js';
import { bundleType, openStatement } from './sigstore-bundle.js';
import { isAbout, type Statement } from './statement.js';

/** An SBOM of a large image is some megabytes. */
const maxBundleBytes = 16 * 1024 * 1024;
/** Whoever may push may attach as much as they like: this bounds what that costs. */
const maxTried = 100;

const predicateAnnotation = 'dev.sigstore.bundle.predicateType';

/** A statement that one of the keys has signed, as it is in a registry. */
export interface SignedStatement {
  /** Of the artifact that carries it. */
  digest: Digest;
  statement: Statement;
  /** As it is attached. */
  bundle: Buffer;
}

export interface StatementQuestion {
  repository: RepositoryName;
  subject: Digest;
  predicateType: string;
  keys: readonly KeyObject[];
  signal?: AbortSignal | undefined;
}

export interface FoundStatements {
  signed: SignedStatement[];
  /** What is attached and does not count, with the reason: anybody who may push may attach things. */
  ignored: { digest: Digest; why: string }[];
}

/**
 * The statements of one type about an image that somebody trusted has signed.
 *
 * @throws OciError; what is wrong with one referrer is no reason to fail
 */
export async function findStatements(
  client: RegistryClient,
  question: StatementQuestion,
): Promise<FoundStatements> {
  const { repository, subject, predicateType, signal } = question;
  const referrers = await client.referrers(repository, subject, { signal });
  const candidates = referrers.filter(
    ({ artifactType, annotations = {} }) =>
      artifactType === bundleType && (annotations[predicateAnnotation] ?? predicateType) === predicateType,
  );
  const found: FoundStatements = { signed: [], ignored: [] };
  // What was attached last is listed last by most registries, and is what is looked for.
  for (const [index, { digest }] of candidates.toReversed().entries()) {
    if (index >= maxTried) {
      found.ignored.push({ digest, why: `More than ${maxTried} are attached.` });
      continue;
    }
    const read = await tryRead(client, { ...question, digest });
    if ('why' in read) found.ignored.push({ digest, why: read.why });
    else if (read.statement.predicateType === predicateType) found.signed.push(read);
  }
  return found;
}

async function tryRead(
  client: RegistryClient,
  { repository, digest, keys, subject, signal }: StatementQuestion & { digest: Digest },
): Promise<SignedStatement | { why: string }> {
  try {
    const manifest = await client.manifest(repository, digest, { signal });
    if (carriedSubject(manifest)?.digest !== subject) return { why: 'It is attached to something else.' };
    return await readSignedStatement(client, { repository, manifest, keys, signal });
  } catch (error) {
    if (error instanceof AttestationError) return { why: error.message };
    // A registry that is away says nothing about the statement.
    if (error instanceof OciError && !error.retryable && error.code !== 'not-authenticated') {
      return { why: error.message };
    }
    throw error;
  }
}

export interface ManifestToRead {
  repository: RepositoryName;
  manifest: Manifest;
  keys: readonly KeyObject[];
  signal?: AbortSignal | undefined;
}

/** The image to which a manifest attaches a bundle; undefined when it does no such thing. */
export function carriedSubject({ document }: Manifest): Descriptor | undefined {
  return isIndex(document) || document.artifactType !== bundleType ? undefined : document.subject;
}

/**
 * The statement that a manifest carries, signed with one of the keys, and about the image that it is attached to.
 *
 * @throws AttestationError `statement-invalid`, OciError
 */
export async function readSignedStatement(
  client: RegistryClient,
  { repository, manifest, keys, signal }: ManifestToRead,
): Promise<SignedStatement> {
  const subject = carriedSubject(manifest);
  const { document } = manifest;
  const layer = isIndex(document) || document.layers.length !== 1 ? undefined : document.layers[0];
  if (subject === undefined || layer?.mediaType !== bundleType) throw invalid('It carries no bundle.');
  if (layer.size > maxBundleBytes) throw invalid(`It is larger than ${maxBundleBytes} bytes.`);
  const operation = 'get-statement';
  const source = await client.blob(repository, layer, { signal });
  const bundle = await readBounded(source, { maxBytes: maxBundleBytes, operation });
  const statement = openStatement(bundle, keys);
  if (!isAbout(statement, subject.digest)) throw invalid('It is signed, but about another image.');
  return { digest: manifest.descriptor.digest, statement, bundle };
}

function invalid(message: string): AttestationError {
  return new AttestationError(message, { code: 'statement-invalid' });
}
