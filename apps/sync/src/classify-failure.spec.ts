import { AcrImportError, type AcrImportErrorCode } from '@pratique/acr';
import { OciError, type OciErrorCode } from '@pratique/oci';
import { classifyFailure } from './classify-failure.js';

describe('sync/classify-failure', () => {
  it.each<[OciErrorCode, string, boolean]>([
    ['access-refused', 'access-refused', false],
    ['not-authenticated', 'access-refused', false],
    ['untrusted-address', 'access-refused', false],
    ['digest-mismatch', 'digest-mismatch', false],
    ['tag-locked', 'tag-locked', false],
    ['image-not-copyable', 'image-not-copyable', false],
    ['limit-exceeded', 'image-not-copyable', false],
    ['manifest-blob-unknown', 'image-not-copyable', false],
    ['not-found', 'image-not-copyable', false],
    ['request-refused', 'image-not-copyable', false],
    ['unsupported-manifest', 'image-not-copyable', false],
    ['not-verified', 'not-verified', true],
    ['protocol-violation', 'registry-unavailable', false],
    ['registry-unavailable', 'registry-unavailable', true],
    ['throttled', 'registry-unavailable', true],
    ['timed-out', 'registry-unavailable', true],
  ])('reads a registry’s %s as %s, worth another try: %s', (code, reason, retryable) => {
    const error = new OciError('It did not work.', { code, operation: 'x', side: 'source', retryAfterMs: 5 });

    expect(classifyFailure(error)).toMatchObject({
      reason,
      retryable,
      code,
      side: 'source',
      message: 'It did not work.',
      retryAfterMs: 5,
    });
  });

  it.each<[AcrImportErrorCode, string, boolean]>([
    ['access-refused', 'access-refused', false],
    ['not-found', 'image-not-copyable', false],
    ['not-importable', 'image-not-copyable', false],
    ['tag-locked', 'tag-locked', false],
    ['throttled', 'registry-unavailable', true],
    ['timed-out', 'registry-unavailable', true],
    ['unavailable', 'registry-unavailable', true],
  ])('reads an import’s %s as %s, worth another try: %s', (code, reason, retryable) => {
    expect(classifyFailure(new AcrImportError('No.', { code }))).toMatchObject({
      reason,
      retryable,
      side: 'target',
    });
  });

  it('takes bytes that are not what their digest says for the worst', () => {
    const error = new OciError('No.', { code: 'digest-mismatch', operation: 'x' });

    expect(classifyFailure(error)?.severity).toBe('critical');
  });

  it.each([new TypeError('undefined is not a function'), new DOMException('stopped', 'AbortError'), 'text'])(
    'does not explain away %p',
    (error) => {
      expect(classifyFailure(error)).toBeUndefined();
    },
  );
});
