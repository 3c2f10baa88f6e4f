import { type AtomServer, startAtomServer } from '../../../../libs/messaging/test/start-atom-server.js';
import { type Bus, startBus } from '../../../../libs/messaging/test/start-bus.js';
import { ConfigFolder } from '../../test/config-folder.js';
import { run } from '../../test/run.js';

describe('cli/verbs/topology', () => {
  let folder: ConfigFolder;
  let bus: Bus;
  let atom: AtomServer;

  beforeEach(async () => {
    folder = new ConfigFolder();
    [bus, atom] = await Promise.all([startBus(), startAtomServer()]);
  });

  afterEach(async () => {
    folder.remove();
    await Promise.all([bus.close(), atom.close()]);
  });

  const managed = (): string[] => [
    '--config',
    folder.broker(atom.connectionString, bus.emulator.connectionString),
    '--management-port',
    String(atom.port),
  ];

  it('prints the declaration, and what Microsoft’s emulators read', async () => {
    const declaration = await run(['topology', 'print', '--json']);
    expect(JSON.parse(declaration.out)).toMatchObject({ topics: [{ name: 'registry-events' }] });
    const config = await run(['topology', 'print', '--emulator-config', 'service-bus']);
    expect(JSON.parse(config.out)).toMatchObject({ UserConfig: { Namespaces: [{ Name: 'sbemulatorns' }] } });
    const hubs = await run(['topology', 'print', '--emulator-config', 'event-hubs']);
    expect(JSON.parse(hubs.out)).toMatchObject({
      UserConfig: { NamespaceConfig: [{ Name: 'emulatorNs1' }] },
    });
  });

  it('finds what is missing, makes it, and finds nothing any more', async () => {
    const before = await run(['topology', 'check', ...managed()]);
    expect(before.exitCode).toBe(1);
    expect(before.out).toMatch(/^topic registry-events does not exist: pratique topology apply mends it$/m);
    expect(before.out).toMatch(/^5 of what Pratique needs is missing or different on 127\.0\.0\.1/m);

    const applied = await run(['topology', 'apply', ...managed()]);
    expect(applied.exitCode).toBe(0);
    expect(applied.out).toMatch(/^subscription registry-events\/scan created$/m);
    expect(applied.out).toMatch(/^5 changed\. Everything is as declared\.$/m);

    const after = await run(['topology', 'check', '--json', ...managed()]);
    expect(after.exitCode).toBe(0);
    expect(JSON.parse(after.out)).toMatchObject({ findings: [], unverified: [] });
  });

  it('checks Pratique’s own emulator, and says what it cannot see there', async () => {
    const { exitCode, out } = await run([
      'topology',
      'check',
      '--config',
      folder.broker(bus.emulator.connectionString),
    ]);

    expect(exitCode).toBe(0);
    expect(out).toMatch(/^note: The window for duplicates, /m);
    expect(out).toMatch(/^Everything that Pratique needs is on 127\.0\.0\.1:\d+\.$/m);
  });

  it('does not apply to an emulator that takes a declaration', async () => {
    const { exitCode, out, err } = await run([
      'topology',
      'apply',
      '--config',
      folder.broker(bus.emulator.connectionString),
    ]);

    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toMatch(/makes its entities from a declaration when it starts/);
  });

  it('uses the broker of a running npm start where no configuration names one', async () => {
    const { mkdirSync } = await import('node:fs');
    mkdirSync(folder.path('secrets'));
    folder.write('secrets/broker-connection-string', bus.emulator.connectionString);
    const { exitCode } = await run([
      'topology',
      'check',
      '--config',
      folder.write('empty.yaml', ''),
      '--state',
      folder.path('.'),
    ]);

    expect(exitCode).toBe(0);
  });

  it('says what is missing when neither names a broker', async () => {
    const args = ['--config', folder.write('empty.yaml', ''), '--state', folder.path('nowhere')];
    const { exitCode, err } = await run(['topology', 'check', ...args]);

    expect(exitCode).toBe(1);
    expect(err).toMatch(/messaging is missing/);
  });

  it('never prints a key', async () => {
    await atom.close();
    const { err } = await run(['topology', 'check', ...managed()]);
    atom = await startAtomServer();

    expect(err).toMatch(/cannot be reached/);
    expect(err).not.toContain('SAS_KEY_VALUE');
  });
});
