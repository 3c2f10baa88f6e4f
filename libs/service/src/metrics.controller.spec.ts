import { Inject, Module } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { HttpSettings } from './http-settings.js';
import { type RunningService, startService } from './start-service.js';

@Module({})
class WorkModule {
  constructor(@Inject(Registry) registry: Registry) {
    new Counter({ name: 'work_done_total', help: 'Work', registers: [registry] }).inc();
  }
}

describe('service/metrics.controller', () => {
  const running: RunningService[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((service) => service.stop()));
  });

  async function start(name: string): Promise<RunningService> {
    const service = await startService({
      name,
      modules: [WorkModule],
      http: HttpSettings.parse({ port: 0 }),
      logs: { level: 'silent' },
      signals: 'none',
    });
    running.push(service);
    return service;
  }

  it('gives Prometheus the metrics of the process and of the modules, under the name of the service', async () => {
    const response = await fetch(`${(await start('sync')).url}/metrics`);
    const text = await response.text();
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toContain('work_done_total{service="sync"} 1');
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds{service="sync"}');
  });

  it('keeps two services of one process apart', async () => {
    const [first, second] = [await start('sync'), await start('scan')];
    expect(await (await fetch(`${first.url}/metrics`)).text()).not.toContain('"scan"');
    expect(await (await fetch(`${second.url}/metrics`)).text()).toContain(
      'work_done_total{service="scan"} 1',
    );
  });
});
