/** The secret of every registry of this bench. */
export const secret = 'not-a-secret-but-long-enough-to-be-one';

let made = 0;

/** A push as Azure Container Registry tells it, about another image every time. */
export function acrPush(): string {
  made += 1;
  const digest = `sha256:${made.toString(16).padStart(64, '0')}`;
  return JSON.stringify({
    id: `5f0b7f0e-7d0b-4a8e-9a51-${made.toString(16).padStart(12, '0')}`,
    timestamp: '2026-03-04T08:15:30.1234567Z',
    action: 'push',
    target: {
      mediaType: 'application/vnd.oci.image.index.v1+json',
      size: 1609,
      length: 1609,
      digest,
      repository: `team/application-${made % 100}`,
      tag: `1.0.${made}`,
    },
    request: {
      id: `b9c2${digest.slice(-8)}`,
      host: 'contoso.azurecr.io',
      method: 'PUT',
      useragent: 'buildkit/0.19',
    },
  });
}

/** What a service would validate of it that uses nothing but Fastify. */
export const acrPushSchema = {
  type: 'object',
  required: ['id', 'timestamp', 'action', 'target'],
  properties: {
    id: { type: 'string', minLength: 1, maxLength: 255 },
    timestamp: { type: 'string', maxLength: 64 },
    action: { type: 'string', enum: ['push', 'delete', 'quarantine', 'ping'] },
    target: {
      type: 'object',
      required: ['repository', 'digest'],
      properties: {
        mediaType: { type: 'string', maxLength: 255 },
        size: { type: 'integer', minimum: 0 },
        digest: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
        repository: {
          type: 'string',
          maxLength: 255,
          pattern: '^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$',
        },
        tag: { type: 'string', pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$' },
      },
    },
    request: { type: 'object' },
  },
} as const;
