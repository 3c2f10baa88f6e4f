import { webhookAnswer } from './webhook-answer.js';

describe('ingress/webhook-answer', () => {
  it.each([
    ['accepted', 202],
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

  it('tolerates only a repository that was not agreed from a sender that retries for ever', () => {
    expect(webhookAnswer('repository-not-allowed', 'retries-for-ever').status).toBe(200);
    expect(webhookAnswer('malformed', 'retries-for-ever').status).toBe(400);
  });
});
