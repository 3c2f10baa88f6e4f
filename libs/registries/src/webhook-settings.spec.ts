import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PathWebhook } from './webhook-settings.js';

describe('registries/webhook-settings', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pratique-webhook-settings-'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const problemWith = (token: string): string | undefined => {
    const file = join(folder, 'token');
    writeFileSync(file, token);
    return PathWebhook.safeParse({ secret: { file } }).error?.issues[0]?.message;
  };

  it('takes a long token for the end of an address', () => {
    expect(problemWith('0123456789abcdef0123456789abcdef')).toBeUndefined();
  });

  it.each([
    '0123456789abcdef0123456789abcde',
    '0123456789abcdef/0123456789abcdef',
    'with a blank 0123456789abcdef01234',
    'longer-than-the-router-looks'.repeat(4),
  ])('refuses %s without repeating it, and says how to make one', (token) => {
    expect(problemWith(token)).toMatch(/openssl rand -hex 32/);
    expect(problemWith(token)).not.toContain(token);
  });
});
