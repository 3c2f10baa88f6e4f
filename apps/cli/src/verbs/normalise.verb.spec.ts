import { RegistryEvent } from '@pratique/contracts';
import { registries } from '@pratique/registries';
import { ConfigFolder } from '../../test/config-folder.js';
import { run } from '../../test/run.js';

const digest = `sha256:${'a'.repeat(64)}`;
const push = { id: 'a1', action: 'push', target: { repository: 'team/app', tag: 'v1', digest } };

describe('cli/verbs/normalise', () => {
  let folder: ConfigFolder;

  beforeEach(() => {
    folder = new ConfigFolder();
  });

  afterEach(() => folder.remove());

  const normalise = (body: unknown, ...args: string[]) =>
    run(['normalise', ...args], { input: typeof body === 'string' ? body : JSON.stringify(body) });

  it('prints each event as a line of JSON, the whole CloudEvent, that the contract takes', async () => {
    const { exitCode, out, err } = await normalise({ events: [push, { ...push, id: 'a2' }] }, 'distribution');

    const events = out
      .trimEnd()
      .split('\n')
      .map((line) => RegistryEvent.parse(JSON.parse(line)));
    expect([exitCode, err]).toEqual([0, '']);
    expect(events).toMatchObject([
      { type: 'io.pratique.image.pushed.v1', source: 'distribution', data: { tag: 'v1', digest } },
      { data: { senderEventId: 'a2' } },
    ]);
  });

  it('prints nothing for what is of no interest, and says so', async () => {
    const { exitCode, out, err } = await normalise({ action: 'ping' }, 'acr');

    expect([exitCode, out]).toEqual([0, '']);
    expect(err).toMatch(/^Understood, and of no interest/);
  });

  it('says why a body would be refused', async () => {
    const { exitCode, out, err } = await normalise({ action: 'push', target: { repository: '../x' } }, 'acr');

    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toMatch(/^It would be refused as malformed: target\.repository: /);
  });

  it('shows the answer to a question', async () => {
    const asked = [
      {
        eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
        topic: '/x',
        data: { validationCode: '512d38b6' },
      },
    ];

    expect((await normalise(asked, 'acr-event-grid')).err).toContain('"validationResponse":"512d38b6"');
  });

  it('reads headers, in any case of letters', async () => {
    const headers = folder.write(
      'headers.json',
      JSON.stringify({
        'Ce-Specversion': '1.0',
        'Ce-Id': 'z1',
        'Ce-Source': 'zotregistry.dev',
        'Ce-Type': 'zotregistry.image.updated',
      }),
    );
    const body = { name: 'team/app', reference: 'v1', digest };

    const { out } = await normalise(body, 'zot', '--headers', headers);

    expect(JSON.parse(out)).toMatchObject({ data: { repository: 'team/app', tag: 'v1' } });
  });

  it('hears of Amazon whichever way it comes', async () => {
    const event = {
      id: 'e1',
      source: 'aws.ecr',
      'detail-type': 'ECR Image Action',
      account: '123456789012',
      region: 'eu-west-1',
      detail: {
        result: 'SUCCESS',
        'action-type': 'PUSH',
        'repository-name': 'team/app',
        'image-digest': digest,
      },
    };
    const ids = await Promise.all(
      [event, sns(JSON.stringify(event))].map(
        async (body) => (JSON.parse((await normalise(body, 'ecr')).out) as RegistryEvent).id,
      ),
    );

    expect(new Set(ids).size).toBe(1);
    expect(
      (await normalise(event, 'ecr', '--host', '210987654321.dkr.ecr.eu-west-1.amazonaws.com')).err,
    ).toMatch(/^Understood, and of no interest/);
  });

  it('takes the settings of a configured registry', async () => {
    const config = folder.write('pratique.yaml', {
      registries: [
        { name: 'mirror', kind: 'generic', host: 'm.example', fields: { repository: '/r', tag: '/t' } },
      ],
    });

    const { out } = await normalise(
      { r: 'a/b', t: 'v1' },
      'generic',
      '--registry',
      'mirror',
      '--config',
      config,
    );

    expect(JSON.parse(out)).toMatchObject({ source: 'mirror', data: { repository: 'a/b', tag: 'v1' } });
  });

  it.each(registries.map(({ kind }) => kind))('knows %s without any configuration', async (kind) => {
    const { exitCode, err } = await normalise('{', kind);

    expect([exitCode, err]).toEqual([1, expect.stringMatching(/^It would be refused as malformed: /)]);
  });

  it.each([
    [['normalise'], 'Say which kind of registry sent it: acr, '],
    [['normalise', 'acme'], 'There is no kind "acme"; there are acr, '],
    [['normalise', 'acr', 'more'], "Unexpected argument 'more'"],
    [['normalise', 'acr', '--headers', '/nowhere.json'], '/nowhere.json cannot be read (ENOENT)'],
  ])('refuses %j', async (args, sentence) => {
    const { exitCode, err } = await run(args);

    expect([exitCode, err]).toEqual([2, expect.stringContaining(sentence)]);
  });

  it('says what headers must be', async () => {
    const headers = folder.write('headers.json', '["x"]');

    const { exitCode, err } = await normalise(push, 'acr', '--headers', headers);

    expect([exitCode, err]).toEqual([2, expect.stringContaining('is not one JSON object of texts')]);
  });

  it('refuses more than ingress would take', async () => {
    const { exitCode, err } = await normalise('x'.repeat(1024 * 1024 + 1), 'acr');

    expect([exitCode, err]).toEqual([2, 'There are more than 1048576 bytes on standard input\n']);
  });

  it('gives one document for programs', async () => {
    const { out } = await normalise({ action: 'ping' }, 'acr', '--json');

    expect(JSON.parse(out)).toEqual({ events: [] });
  });
});

function sns(message: string): object {
  return {
    Type: 'Notification',
    MessageId: 'm1',
    TopicArn: 'arn:aws:sns:eu-west-1:123456789012:ecr-events',
    Message: message,
    Timestamp: '2026-03-04T08:15:31.002Z',
    SignatureVersion: '2',
    Signature: 'none',
    SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/x.pem',
  };
}
