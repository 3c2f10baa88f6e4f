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
    ['address-not-allowed', 403],
    ['too-many-requests', 429],
    ['too-many-attempts', 429],
  ] as const)('answers %s with %i', (reason, status) => {
    expect(webhookAnswer(reason)).toEqual({ status, reason });
  });

  it('answers not-accepted with 503 and a time to come again', () => {
    expect(webhookAnswer('not-accepted')).toEqual({ status: 503, reason: 'not-accepted', retryAfter: 5 });
  });

  it.each(['retries-for-ever', 'switches-off'] as const)(
    'answers 200 to a sender that %s, where repeating the event would help nobody',
    (afterRefusal) => {
      expect(webhookAnswer('repository-not-allowed', afterRefusal).status).toBe(200);
      expect(webhookAnswer('malformed', afterRefusal).status).toBe(200);
      expect(webhookAnswer('not-authenticated', afterRefusal).status).toBe(401);
      expect(webhookAnswer('too-many-requests', afterRefusal).status).toBe(429);
      expect(webhookAnswer('not-accepted', afterRefusal).status).toBe(503);
    },
  );
});
