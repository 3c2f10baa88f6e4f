import { checkHandler, checkHandlers } from './check-handlers.js';

const handler = { pattern: 'io.pratique.image.pushed.v1', isEventHandler: true, isTaken: false };

describe('messaging/check-handlers', () => {
  it('accepts one event handler for each type that the subscription is sent', () => {
    expect(() => checkHandler('scan', handler)).not.toThrow();
    expect(() =>
      checkHandlers('scan', ['io.pratique.image.pushed.v1', 'io.pratique.image.quarantined.v1']),
    ).not.toThrow();
  });

  it('refuses a @MessagePattern', () => {
    expect(() => checkHandler('scan', { ...handler, isEventHandler: false })).toThrow(
      /make it an @EventPattern/,
    );
  });

  it('refuses a type that the subscription is not sent', () => {
    expect(() => checkHandler('scan', { ...handler, pattern: 'io.pratique.image.approved.v1' })).toThrow(
      /would never be called/,
    );
  });

  it('refuses a second handler for a type, since a message is settled once', () => {
    expect(() => checkHandler('scan', { ...handler, isTaken: true })).toThrow(/the second one/);
  });

  it('refuses to listen while a type has no handler, and names it', () => {
    expect(() => checkHandlers('scan', ['io.pratique.image.pushed.v1'])).toThrow(
      /io\.pratique\.image\.quarantined\.v1, and no handler/,
    );
  });
});
