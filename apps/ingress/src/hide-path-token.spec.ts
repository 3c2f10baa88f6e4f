import { withoutPathToken } from './hide-path-token.js';

describe('ingress/hide-path-token', () => {
  it.each([
    ['/webhooks/hub/0123456789abcdef', '/webhooks/hub/***'],
    ['/webhooks/hub/0123456789abcdef/more?x=1', '/webhooks/hub/***?x=1'],
    ['/webhooks/hub', '/webhooks/hub'],
    ['/webhooks/hub?x=/y/z', '/webhooks/hub?x=/y/z'],
    ['/health/ready', '/health/ready'],
  ])('writes %s as %s', (address, written) => {
    expect(withoutPathToken(address)).toBe(written);
  });
});
