import { EventEmitter, once } from 'node:events';
import { stopOnSignals } from './stop-on-signals.js';

class FakeProcess extends EventEmitter {
  exit(code: number): void {
    this.emit('exit', code);
  }
}

describe('service/stop-on-signals', () => {
  const signalled = async (
    stop: () => Promise<void>,
    deadlineMs: number,
    signals: string[],
  ): Promise<{ code: unknown; troubles: string[] }> => {
    const target = new FakeProcess();
    const troubles: string[] = [];
    const unwatch = stopOnSignals(target, {
      stop,
      deadlineMs,
      onTrouble: (sentence) => troubles.push(sentence),
    });
    const exited = once(target, 'exit');
    signals.forEach((signal) => target.emit(signal));
    const [code] = (await exited) as [unknown];
    unwatch();
    return { code, troubles };
  };
  const never = (): Promise<void> => new Promise(() => undefined);

  it('ends with 0 when everything was finished', async () => {
    expect(await signalled(() => Promise.resolve(), 60_000, ['SIGTERM'])).toEqual({ code: 0, troubles: [] });
  });

  it('ends with 1 when stopping fails', async () => {
    const failing = (): Promise<void> => Promise.reject(new Error('x'));

    expect(await signalled(failing, 60_000, ['SIGTERM'])).toMatchObject({ code: 1 });
  });

  it('ends with 1 at the deadline', async () => {
    expect(await signalled(never, 1, ['SIGTERM'])).toEqual({
      code: 1,
      troubles: [expect.stringContaining('Not stopped after 1 ms')],
    });
  });

  it('ends with 1 at once when it is told a second time', async () => {
    expect(await signalled(never, 2 ** 31 - 1, ['SIGINT', 'SIGINT'])).toEqual({
      code: 1,
      troubles: [expect.stringContaining('second time')],
    });
  });
});
