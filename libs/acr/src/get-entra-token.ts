import type { TokenCredential } from '@azure/identity';
import { OciError } from '@pratique/oci';

const operation = 'get-entra-token';

/**
 * Gets an Entra access token for a resource such as `https://containerregistry.azure.net`.
 *
 * @throws OciError `not-authenticated`
 */
export async function getEntraToken(credential: TokenCredential, audience: string): Promise<string> {
  const answer = await ask(credential, audience);
  if (answer !== null) return answer.token;
  throw new OciError(`Entra gave no token for ${audience}. ${advice}`, {
    code: 'not-authenticated',
    operation,
  });
}

const advice = "Check the identity that the registry's credentials name.";

async function ask(credential: TokenCredential, audience: string): Promise<{ token: string } | null> {
  try {
    return await credential.getToken(`${audience}/.default`);
  } catch (error) {
    throw entraFailure(error) ?? error;
  }
}

/**
 * The failures of `@azure/identity`, by name: Azure's packages come in more than one copy, so their classes do not tell.
 * What was never asked may be asked again: the identity endpoint of a node answers late when a pod starts.
 */
const passing: Record<string, (error: Error) => boolean> = {
  AggregateAuthenticationError: () => true,
  AuthenticationError: isServerTrouble,
  AuthenticationRequiredError: () => false,
  CredentialUnavailableError: () => true,
};

/** What a credential's failure means; undefined for what is none. */
export function entraFailure(error: unknown): OciError | undefined {
  if (!(error instanceof Error) || !Object.hasOwn(passing, error.name)) return undefined;
  // The SDK's messages run over many lines, of which the first says what happened.
  const [firstLine = ''] = error.message.split('\n');
  return new OciError(`Entra gave no token (${firstLine.slice(0, 500)}). ${advice}`, {
    code: 'not-authenticated',
    operation,
    retryable: passing[error.name]?.(error) ?? false,
    cause: error,
  });
}

function isServerTrouble(error: Error): boolean {
  const status = 'statusCode' in error ? Number(error.statusCode) : NaN;
  return status === 429 || status >= 500;
}
