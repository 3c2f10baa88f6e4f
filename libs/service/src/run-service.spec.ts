import { ConfigError } from '@pratique/config';
import { runService, type StartedProcess } from './run-service.js';

async function failureOf(main: () => Promise<unknown>): Promise<{ text: string; exitCode: unknown }> {
  let text = '';
  const target: StartedProcess = { stderr: { write: (part) => (text += part) } };
  await runService(main, target);
  return { text, exitCode: target.exitCode };
}

describe('service/run-service', () => {
  it('says nothing about a service that starts', async () => {
    expect(await failureOf(() => Promise.resolve())).toEqual({ text: '', exitCode: undefined });
  });

  it('names line and mend of a wrong configuration, and nothing else', async () => {
    const problem = { line: 3, column: 5, path: 'registries[0].kind', message: 'must be "acr"' };

    expect(await failureOf(() => Promise.reject(new ConfigError('pratique.yaml', [problem])))).toEqual({
      text: 'pratique.yaml:3:5: registries[0].kind must be "acr"\n',
      exitCode: 1,
    });
  });

  it('says what to do about a port that is taken', async () => {
    const taken = Object.assign(new Error('listen EADDRINUSE: 127.0.0.1:8080'), { code: 'EADDRINUSE' });

    expect((await failureOf(() => Promise.reject(taken))).text).toMatch(/set another http\.port\n$/);
  });

  it('tells all that is known of anything else', async () => {
    const { text, exitCode } = await failureOf(() =>
      Promise.reject(new Error('a bug', { cause: new Error('deeper') })),
    );

    expect(text).toMatch(/Error: a bug\n +at .*deeper/s);
    expect(exitCode).toBe(1);
  });
});
