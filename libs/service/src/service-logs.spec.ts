import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { BadRequestException, Controller, Get, Logger, Module } from '@nestjs/common';
import { HttpSettings } from './http-settings.js';
import { startService } from './start-service.js';

@Controller()
class TroubleController {
  @Get('trouble')
  trouble(): never {
    new Logger('Trouble').warn({
      msg: 'About to fail',
      password: 'hunter2',
      x: { headers: { authorization: 'hunter2' } },
      err: Object.assign(new Error('refused'), {
        request: { headers: { cookie: 'hunter2' } },
        token: 'hunter2',
      }),
    });
    throw new Error('a bug');
  }
}

@Controller('told')
class ToldController {
  @Get('well')
  well(): string {
    return 'well';
  }

  @Get('badly')
  badly(): never {
    throw new BadRequestException();
  }
}

@Module({ controllers: [TroubleController, ToldController] })
class TroubleModule {}

function capturedLines(): { destination: Writable; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  return { destination, lines };
}

// nestjs-pino keeps the first logger of a process for whatever is logged outside a request: one service in this file.
describe('service/service-logs', () => {
  it('writes sentences as JSON, without headers, queries or secrets', async () => {
    const { destination, lines } = capturedLines();
    const service = await startService({
      name: 'test',
      modules: [TroubleModule],
      http: HttpSettings.parse({ port: 0 }),
      logs: { destination, toldByService: ({ route, status }) => route === '/told/well' && status === 200 },
      signals: 'none',
    });

    const headers = { authorization: 'Bearer hunter2' };
    await (await fetch(`${service.url}/trouble?token=hunter2`, { headers })).text();
    await (await fetch(`${service.url}/health/live`)).text();
    await (await fetch(`${service.url}/told/well`)).text();
    await (await fetch(`${service.url}/told/badly`)).text();
    await service.stop();

    const failure = expect.stringMatching(/^GET \/trouble was answered 500/) as string;
    expect(lines).toContainEqual(expect.objectContaining({ level: 'error', service: 'test', msg: failure }));
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        msg: 'About to fail',
        password: '***',
        err: expect.objectContaining({ message: 'refused', token: '***' }) as object,
      }),
    );
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|GET \/health|GET \/told\/well/);
    expect(JSON.stringify(lines)).toMatch(/GET \/told\/badly was answered 400/);
    // Lines of the same work had the fields of those before them.
    const later = lines.find(({ msg }) => msg === 'a bug');
    expect(later).toEqual(expect.not.objectContaining({ password: expect.anything() as unknown }));
  });

  it.each(['ends', 'exits', 'throws'])('writes what was logged last when the process %s', (how) => {
    const root = join(__dirname, '../../..');
    const register = join(root, 'tools/register-typescript.mjs');
    const main = join(root, 'libs/service/test/last-words.main.ts');

    const { stdout } = spawnSync(process.execPath, ['--import', register, main, how], { encoding: 'utf8' });

    expect(stdout).toMatch(/^\{.*"msg":"last words"\}\n$/);
  });
});
