import { hideSecrets } from './hide-secrets.js';

describe('service/hide-secrets', () => {
  it.each([
    [{ password: 'x' }, { password: '***' }],
    [
      { a: 1, token: { deep: 'x' } },
      { a: 1, token: '***' },
    ],
    [{ settings: { secret: 'x', name: 'n' } }, { settings: { secret: '***', name: 'n' } }],
    [
      { request: { headers: { authorization: 'x', host: 'h' } } },
      { request: { headers: { authorization: '***', host: 'h' } } },
    ],
    [{ list: [{ cookie: 'x' }, 'y'] }, { list: [{ cookie: '***' }, 'y'] }],
    [
      { nothing: null, text: 'token' },
      { nothing: null, text: 'token' },
    ],
  ])('writes %j as %j', (fields, written) => {
    expect(hideSecrets(fields)).toEqual(written);
  });

  it('leaves the line itself as it is, and copies only what it changes', () => {
    const fields = { clean: { a: 1 }, dirty: { connectionString: 'x' } };
    const written = hideSecrets(fields);
    expect(fields.dirty.connectionString).toBe('x');
    expect(written.clean).toBe(fields.clean);
    expect(hideSecrets(fields.clean)).toBe(fields.clean);
  });

  it('leaves errors to their serializer', () => {
    const err = Object.assign(new Error('failed'), { token: 'x' });
    expect(hideSecrets({ err }).err).toBe(err);
  });
});
