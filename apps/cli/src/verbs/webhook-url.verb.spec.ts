import { ConfigFolder } from '../../test/config-folder.js';
import { run } from '../../test/run.js';

const token = '0123456789abcdef0123456789abcdef';

describe('cli/verbs/webhook-url', () => {
  let folder: ConfigFolder;
  let config: string;

  beforeEach(() => {
    folder = new ConfigFolder();
    const webhook = { secret: { file: folder.write('secret', token) } };
    config = folder.write('pratique.yaml', {
      registries: [
        { name: 'vendor', kind: 'acr', host: 'contoso.azurecr.io', webhook },
        { name: 'hub', kind: 'docker-hub', host: 'registry-1.docker.io', webhook },
        { name: 'silent', kind: 'acr', host: 'silent.azurecr.io' },
      ],
    });
  });

  afterEach(() => folder.remove());

  const webhookUrl = (...args: string[]) => run(['webhook-url', ...args, '--config', config]);

  it('prints the address first, and then the command of the vendor with all that is known', async () => {
    const { exitCode, out, err } = await webhookUrl('vendor', '--base', 'https://pratique.example/');

    expect([exitCode, err]).toEqual([0, '']);
    expect(out).toMatch(/^https:\/\/pratique\.example\/webhooks\/vendor\n/);
    expect(out).toContain('az acr webhook create --registry contoso --name pratique');
    expect(out).toContain('--uri https://pratique.example/webhooks/vendor ');
  });

  it('leaves room for a token where the address is the only proof, and never prints a secret', async () => {
    const { out } = await webhookUrl('hub', '--base', 'https://pratique.example');

    expect(out).toMatch(/^https:\/\/pratique\.example\/webhooks\/hub\/<token>\n/);
    expect(out).not.toContain(token);
  });

  it('takes where ingress listens when it is not told where that is from outside', async () => {
    const { out } = await webhookUrl('vendor', '--json');

    expect(JSON.parse(out)).toMatchObject({
      registry: 'vendor',
      kind: 'acr',
      url: 'http://127.0.0.1:8080/webhooks/vendor',
    });
  });

  it('says of a registry without a webhook what to add', async () => {
    const { exitCode, out } = await webhookUrl('silent');

    expect([exitCode, out]).toEqual([1, expect.stringContaining('docs/registries/acr.md')]);
  });

  it.each([
    [['webhook-url'], 'Say which registry; configured: vendor, hub, silent'],
    [['webhook-url', 'other'], 'There is no registry "other"; configured: vendor, hub, silent'],
    [['webhook-url', 'vendor', '--base', 'ftp://x'], '"ftp://x" is no address'],
  ])('refuses %j', async (args, sentence) => {
    const { exitCode, err } = await run([...args, '--config', config]);

    expect([exitCode, err]).toEqual([2, expect.stringContaining(sentence)]);
  });
});
