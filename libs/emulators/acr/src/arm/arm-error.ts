import { jsonReply, type Reply } from '../http/exchange.js';

/** Codes that Resource Manager and the registry resource provider answer with, and the status of each. */
const statusOfCode = {
  AuthorizationFailed: 403,
  Conflict: 409,
  InternalServerError: 500,
  InvalidAuthenticationToken: 401,
  InvalidParameters: 400,
  InvalidRequestContent: 400,
  MissingApiVersionParameter: 400,
  NotFound: 404,
  ResourceGroupNotFound: 404,
  ResourceNotFound: 404,
  SubscriptionNotFound: 404,
} as const;

export type ArmErrorCode = keyof typeof statusOfCode;

/** A refusal by Resource Manager, at once or as the result of a long-running operation. */
export class ArmError extends Error {
  constructor(
    readonly code: ArmErrorCode,
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
    this.name = 'ArmError';
  }

  /** The answer to send: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors */
  toReply(): Reply {
    const challenge =
      this.code === 'InvalidAuthenticationToken'
        ? {
            'www-authenticate':
              'Bearer authorization_uri="https://login.microsoftonline.com/", error="invalid_token"',
          }
        : {};
    return jsonReply(
      statusOfCode[this.code],
      { error: { code: this.code, message: this.message } },
      challenge,
    );
  }
}

/** Any error as one of Resource Manager's. */
export function asArmError(error: unknown): ArmError {
  if (error instanceof ArmError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ArmError('InternalServerError', message, { cause: error });
}
