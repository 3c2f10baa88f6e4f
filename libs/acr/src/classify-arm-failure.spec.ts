import { RestError } from '@azure/core-rest-pipeline';
import { classifyArmFailure } from './classify-arm-failure.js';

interface Answer {
  statusCode?: number;
  code?: string;
  message: string;
}

describe('acr/classify-arm-failure', () => {
  it.each<[string, Answer]>([
    ['access-refused', { statusCode: 403, code: 'AuthorizationFailed', message: 'no authorization' }],
    ['access-refused', { statusCode: 401, code: 'InvalidAuthenticationToken', message: 'invalid' }],
    ['access-refused', { statusCode: 400, message: 'unauthorized: authentication required' }],
    ['not-found', { statusCode: 404, code: 'ResourceNotFound', message: 'no registry' }],
    ['not-found', { statusCode: 400, code: 'InvalidParameters', message: 'manifest unknown' }],
    ['throttled', { statusCode: 429, code: 'TooManyRequests', message: 'slow down' }],
    ['throttled', { statusCode: 400, message: 'Invalid message 429 Too Many Requests (HAP429)' }],
    ['unavailable', { statusCode: 500, code: 'InternalServerError', message: 'sorry' }],
    ['unavailable', { statusCode: 503, message: 'busy' }],
    ['unavailable', { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' }],
    ['tag-locked', { statusCode: 405, message: 'REGISTRY_DISALLOWED_OPERATION: it is disallowed' }],
    ['not-importable', { statusCode: 409, code: 'Conflict', message: 'Tag a:1 already exists' }],
    ['not-importable', { statusCode: 400, code: 'InvalidParameters', message: 'Error copying blobs' }],
  ])('reads as %s: %j', (code, { message, ...answer }) => {
    expect(classifyArmFailure(new RestError(message, answer))).toMatchObject({
      name: 'AcrImportError',
      code,
      retryable: ['throttled', 'unavailable'].includes(code),
    });
  });

  it('keeps what is no answer of Azure as it is', () => {
    const bug = new TypeError('undefined is not a function');

    expect(classifyArmFailure(bug)).toBe(bug);
  });

  it('tells a missing identity from a refused import', () => {
    const unavailable = Object.assign(new Error('no endpoint'), { name: 'CredentialUnavailableError' });
    const refused = Object.assign(new Error('bad secret'), { name: 'AuthenticationError', statusCode: 400 });

    expect(classifyArmFailure(unavailable)).toMatchObject({ code: 'unavailable', retryable: true });
    expect(classifyArmFailure(refused)).toMatchObject({ code: 'access-refused', retryable: false });
  });
});
