import { existsSync, readFileSync } from 'node:fs';
import { eventHubsEmulatorConfig, messagingTopology, serviceBusEmulatorConfig } from '@pratique/messaging';
import { parse } from 'yaml';
import { composeProblems, composeServices, composeVolumes } from './compose-files.js';

const own = 'docker-compose.yml';
const azure = 'docker-compose.azure-emulators.yml';
const ours = ['ingress', 'scan', 'sync', 'audit'];

describe.each([own, azure])('%s', (file) => {
  it('follows the Compose specification', () => {
    expect(composeProblems(readFileSync(file, 'utf8'))).toEqual([]);
  });

  it('mounts only files that exist and volumes that are declared', () => {
    const sources = [...composeServices(file).values()].flatMap(({ volumes }) =>
      volumes.map((volume) => volume.split(':', 1)[0] ?? ''),
    );
    const files = sources.filter((source) => source.startsWith('.'));

    expect(files.filter((source) => !existsSync(source))).toEqual([]);
    expect(sources.filter((source) => !source.startsWith('.')).toSorted()).toEqual(
      composeVolumes(file).toSorted(),
    );
  });
});

describe('docker-compose.yml', () => {
  const services = composeServices(own);

  it('hardens every container, and publishes ports to this machine only', () => {
    for (const service of services.values()) {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
      expect(service.ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
      expect(service.image).toMatch(/:[\w.-]+$/);
      expect(service.image).not.toMatch(/:latest$/);
    }
  });

  it('starts programs that there are, each with the secrets that pratique.yaml refers to', () => {
    const config = readFileSync('compose/pratique.yaml', 'utf8');
    const needed = (sections: RegExp): string[] =>
      [...config.matchAll(/\{ env: (\w+) \}/g)]
        .map(([, name = '']) => name)
        .filter((name) => sections.test(name));

    for (const name of ours) {
      const { command, environment } = services.get(name)!;
      expect(existsSync(`${command[0]?.replace(/\.js$/, '.ts')}`)).toBe(true);
      const sections =
        name === 'audit' ? /_CONNECTION_STRING$|^AUDIT_/ : /_CONNECTION_STRING$|_WEBHOOK_SECRET$/;
      expect(Object.keys(environment)).toEqual(expect.arrayContaining(needed(sections)));
    }
  });
});

describe('docker-compose.azure-emulators.yml', () => {
  const services = composeServices(own, azure);
  const environmentOf = (name: string) => services.get(name)?.environment ?? {};

  it('leaves our emulator out, and gives every service the addresses of Microsoft’s', () => {
    expect(services.get('emulator')?.profiles).toEqual(['pratique-emulator']);
    for (const name of ours) {
      expect(environmentOf(name)).toMatchObject({
        SERVICE_BUS_CONNECTION_STRING: expect.stringContaining('Endpoint=sb://service-bus;') as string,
        EVENT_HUBS_CONNECTION_STRING: expect.stringContaining('Endpoint=sb://event-hubs;') as string,
      });
    }
  });

  it('accepts Microsoft’s terms for nobody', () => {
    const asking = ['service-bus', 'sql-server', 'event-hubs'].map(
      (name) => environmentOf(name)['ACCEPT_EULA'],
    );
    expect(asking).toEqual(Array(3).fill('${ACCEPT_EULA:-N}'));
  });

  it('names the containers that the emulators need', () => {
    const names = [...services.keys()];
    const { SQL_SERVER, MSSQL_SA_PASSWORD } = environmentOf('service-bus');
    expect(names).toContain(SQL_SERVER);
    expect(environmentOf(SQL_SERVER ?? '')['MSSQL_SA_PASSWORD']).toBe(MSSQL_SA_PASSWORD);
    const { BLOB_SERVER, METADATA_SERVER } = environmentOf('event-hubs');
    expect(names).toEqual(expect.arrayContaining([BLOB_SERVER, METADATA_SERVER]));
  });

  it.each([
    ['service-bus', serviceBusEmulatorConfig(messagingTopology())],
    ['event-hubs', eventHubsEmulatorConfig(messagingTopology())],
  ])('mounts what "pratique topology print --emulator-config %s" prints', (name, config) => {
    const text = readFileSync(`compose/azure-emulators/${name}.json`, 'utf8');
    expect(JSON.parse(text)).toEqual(config);
  });
});

describe('the test of compose files', () => {
  it('refuses what the specification does not know', () => {
    const text = 'services: { a: { image: x, read_onyl: true } }';
    expect(parse(text)).toBeDefined();
    expect(composeProblems(text)).not.toEqual([]);
  });
});
