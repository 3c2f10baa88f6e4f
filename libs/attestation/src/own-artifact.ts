import { OciError, type RegistryClient } from '@pratique/oci';
import { statementArtifact } from './attach-statement.js';
import { AttestationError } from './attestation-error.js';
import { carriedSubject, type ManifestToRead, readSignedStatement } from './find-statements.js';

/**
 * Whether we have attached a manifest: it carries a statement with our signature about the image that it is attached to, and
 * nothing else. Its type alone says nothing, for anybody may write it; and around a statement of ours, somebody else could
 * put things of their own. So the artifact is built again from the statement, and has to be the same to the last byte.
 *
 * @throws OciError where the registry is in trouble
 */
export async function isOwnArtifact(client: RegistryClient, question: ManifestToRead): Promise<boolean> {
  const { repository, manifest } = question;
  const subject = carriedSubject(manifest);
  if (subject === undefined) return false;
  try {
    const { bundle, statement } = await readSignedStatement(client, question);
    const { predicateType } = statement;
    const same = statementArtifact({ repository, subject, bundle, predicateType });
    return same.root.digest === manifest.descriptor.digest;
  } catch (error) {
    if (isNoStatement(error)) return false;
    throw error;
  }
}

function isNoStatement(error: unknown): boolean {
  if (error instanceof OciError)
    return ['not-found', 'digest-mismatch', 'limit-exceeded'].includes(error.code);
  return error instanceof AttestationError;
}
