import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { registryEventsTopic } from '@pratique/contracts';
import { runEmulator } from './run-emulator.js';

describe('emulator/run-emulator', () => {
  const folders: string[] = [];

  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'emulator-'));
    folders.push(folder);
    return folder;
  }

  /** Runs it with a client while it is up; gives what it printed and its exit code. */
  async function run(
    args: string[],
    use: (client: ServiceBusClient) => Promise<void> = () => Promise.resolve(),
  ): Promise<{ lines: string[]; exitCode: number }> {
    const lines: string[] = [];
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    let using = Promise.resolve();
    const print = (line: string): void => {
      lines.push(line);
      const connectionString = /^Connection string: (.*)$/.exec(line)?.[1];
      if (connectionString === undefined) return;
      const client = new ServiceBusClient(connectionString);
      using = use(client)
        .finally(() => client.close())
        .finally(stop);
    };
    const exitCode = await runEmulator({ args, print, stopped });
    await using;
    return { lines, exitCode };
  }

  it('says what it is for, what it has, and how to connect, and ends with 0 when it is stopped', async () => {
    const { lines, exitCode } = await run(['--port', '0', '--memory']);

    expect(exitCode).toBe(0);
    expect(lines[0]).toMatch(/^For development and tests only/);
    expect(lines.join('\n')).toContain('topic registry-events (scan, promotion, sync, audit)');
    expect(lines.join('\n')).toContain('event hub outcomes');
  });

  it('has the entities of Pratique, and keeps their messages in its folder', async () => {
    const args = ['--port', '0', '--folder', newFolder()];
    const applicationProperties = { cloudEvents_type: 'io.pratique.image.pushed.v1' };
    await run(args, (client) =>
      client.createSender(registryEventsTopic).sendMessages({ body: 'kept', applicationProperties }),
    );

    const bodies: unknown[] = [];
    await run(args, async (client) => {
      const messages = await client.createReceiver(registryEventsTopic, 'sync').receiveMessages(1);
      bodies.push(...messages.map(({ body }) => body as unknown));
    });

    expect(bodies).toEqual(['kept']);
  });

  it('explains a port that is taken, and ends with 1', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };

    const { lines, exitCode } = await run(['--port', String(port), '--memory']);

    expect([lines.at(-1), exitCode]).toEqual([expect.stringContaining(`Port ${port} is taken`), 1]);
    await new Promise((resolve) => other.close(resolve));
  });

  it('explains a folder that it cannot use, and ends with 1', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, 'no folder');
    const { lines, exitCode } = await run(['--port', '0', '--folder', join(file, 'within')]);

    expect([lines.at(-1), exitCode]).toEqual([expect.stringContaining('cannot be made'), 1]);
  });

  it('prints its help, and ends with 0', async () => {
    const { lines, exitCode } = await run(['--help']);

    expect([lines.join('').includes('--folder'), exitCode]).toEqual([true, 0]);
  });

  it('points to its help after a wrong command line, and ends with 2', async () => {
    const { lines, exitCode } = await run(['--colour']);

    expect([lines.at(-1), exitCode]).toEqual([expect.stringContaining('--help'), 2]);
  });
});
