import { AsyncLocalStorage } from 'node:async_hooks';
import { TraceCollector } from '../../../test/processes/trace-collector.js';
import { startTelemetry } from './start-telemetry.js';
import { TelemetrySettings } from './telemetry.settings.js';
import { Work } from './work.js';

const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

describe('telemetry/work', () => {
  it('lends its fields to every line that is logged meanwhile, and to none after its end', async () => {
    const telemetry = await startTelemetry('test', {});
    const work = Work.begin({ name: 'work', kind: 'consumer', log: { event: 'e1' } });
    let later = (): unknown => undefined;

    await work.run(async () => {
      await Promise.resolve();
      expect(Work.current()?.logFields).toEqual({ event: 'e1' });
      // What a connection does that is opened now, and calls back for ever.
      later = AsyncLocalStorage.bind(() => Work.current());
    });
    expect(later()).toBe(work);
    work.end();

    expect(later()).toBeUndefined();
    await telemetry.stop();
  });

  it('tells no trace where none is wanted, and has the log say which one it was given', async () => {
    const telemetry = await startTelemetry('test', TelemetrySettings.parse(undefined));

    await Work.do({ name: 'work', kind: 'producer', parent }, (work) => {
      expect(work.traceparent).toBeUndefined();
      expect(work.logFields).toEqual({ traceId: 'a'.repeat(32) });
      return Promise.resolve();
    });

    await telemetry.stop();
  });

  describe('with a collector', () => {
    let collector: TraceCollector;
    const startTraces = (sampled: number) =>
      startTelemetry(
        'test',
        TelemetrySettings.parse({ traces: { endpoint: `${collector.endpoint}/`, sampled } }),
      );

    beforeEach(async () => {
      collector = await TraceCollector.start();
    });

    afterEach(async () => {
      await collector.close();
    });

    it('tells of work within work as one trace, and of what a message caused as its continuation', async () => {
      const telemetry = await startTraces(1);
      let traceId = '';
      let sent: string | undefined;

      await Work.do({ name: 'outer', kind: 'server' }, async (outer) => {
        traceId = outer.traceparent?.slice(3, 35) ?? '';
        await Work.do({ name: 'inner', kind: 'producer' }, (inner) => {
          sent = inner.traceparent;
          return Promise.resolve();
        });
      });
      await Work.do({ name: 'other process', kind: 'consumer', parent: sent }, () => Promise.resolve());
      await telemetry.stop();

      expect(collector.tree(traceId)).toEqual(['test: outer', '  test: inner', '    test: other process']);
    });

    it('follows the message and not the work in whose context a connection happens to call back', async () => {
      const telemetry = await startTraces(1);

      await Work.do({ name: 'unrelated', kind: 'server' }, () =>
        Work.do({ name: 'work', kind: 'consumer', parent }, () => Promise.resolve()),
      );
      await telemetry.stop();

      expect(collector.tree('a'.repeat(32))).toEqual(['test: work']);
    });

    it('tells the kind of an error, and not its words', async () => {
      const telemetry = await startTraces(1);

      const failing = Work.do({ name: 'work', kind: 'consumer', parent }, () =>
        Promise.reject(new TypeError('the password is hunter2')),
      );
      await expect(failing).rejects.toThrow(TypeError);
      await telemetry.stop();

      const [span] = collector.spans;
      expect(span?.attributes.get('error.type')).toBe('TypeError');
      expect(JSON.stringify(span)).not.toContain('hunter2');
    });

    it('leaves out what is not sampled, and says so to those who continue', async () => {
      const telemetry = await startTraces(0);

      await Work.do({ name: 'work', kind: 'server' }, (work) => {
        expect(work.traceparent).toMatch(/-00$/);
        return Promise.resolve();
      });
      await telemetry.stop();

      expect(collector.spans).toEqual([]);
    });
  });

  it('does its work while the collector is away, and does not keep a service from ending', async () => {
    const collector = await TraceCollector.start();
    const { endpoint } = collector;
    await collector.close();
    const telemetry = await startTelemetry('test', TelemetrySettings.parse({ traces: { endpoint } }));

    expect(await Work.do({ name: 'work', kind: 'server' }, () => Promise.resolve('done'))).toBe('done');
    await telemetry.stop();
  });
});
