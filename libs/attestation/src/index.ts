export { attachStatement, statementArtifact, type StatementToAttach } from './attach-statement.js';
export { AttestationError, type AttestationErrorCode } from './attestation-error.js';
export {
  carriedSubject,
  findStatements,
  type FoundStatements,
  type ManifestToRead,
  readSignedStatement,
  type SignedStatement,
  type StatementQuestion,
} from './find-statements.js';
export { keyVaultSigner, type KeyVaultSignerOptions } from './key-vault-signer.js';
export { isOwnArtifact } from './own-artifact.js';
export { bundleType, openStatement, signStatement } from './sigstore-bundle.js';
export { keyIdOf } from './signing-scheme.js';
export { buildStatement, digestsOf, isAbout, Statement, type StatementInput } from './statement.js';
export { pemSigner, readPublicKey, type StatementSigner } from './statement-signer.js';
export {
  type AttestedVerdict,
  buildVerdictStatement,
  verdictIn,
  VerdictPredicate,
  type VerdictStatementInput,
  verdictType,
} from './verdict-statement.js';
