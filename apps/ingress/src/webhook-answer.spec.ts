import { webhookAnswer } from './webhook-answer.js';

describe('ingress/webhook-answer', () => {
  it.each([
    ['accepted', 202],
    ['handshake', 200],
    ['of-no-interest', 200],
    ['malformed', 400],
    ['incomplete', 400],
    ['not-authenticated', 401],
    ['repository-not-allowed', 403],
    ['unknown-registry', 404],
    ['too-large', 413],
    ['unsupported-encoding', 415],
    ['not-accepted', 503],
  ] as const)('answers %s with %i', (reason, status) => {
    expect(webhookAnswer(reason)).toEqual({ status, reason });
  });

  it.each(['retries-for-ever', 'switches-off'] as const)(
    'tolerates only a repository that was not agreed from a sender that %s',
    (afterRefusal) => {
      expect(webhookAnswer('repository-not-allowed', afterRefusal).status).toBe(200);
      expect(webhookAnswer('malformed', afterRefusal).status).toBe(400);
    },
  );
});
