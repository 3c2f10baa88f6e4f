import { environmentVariable } from '@pratique/config';
import { TelemetrySettings } from './telemetry.settings.js';

describe('telemetry/settings', () => {
  it('tells no trace to anybody unless somebody is named', () => {
    expect(TelemetrySettings.parse(undefined)).toEqual({});
  });

  it('takes a collector, the headers it wants to see as references to secrets, and a share', () => {
    const { traces } = TelemetrySettings.parse({
      traces: { endpoint: 'https://collector:4318', headers: { 'api-key': { env: 'PATH' } }, sampled: 0.1 },
    });
    expect(traces).toMatchObject({ endpoint: 'https://collector:4318', sampled: 0.1 });
    expect(JSON.stringify(traces)).not.toContain(environmentVariable('PATH'));
  });

  it.each([
    [{ traces: {} }],
    [{ traces: { endpoint: 'collector:4318' } }],
    [{ traces: { endpoint: 'file:///etc/passwd' } }],
    [{ traces: { endpoint: 'http://c', sampled: 2 } }],
    [{ traces: { endpoint: 'http://c', headers: { 'api-key': 'a secret in the file' } } }],
    [{ traces: { endpoint: 'http://c', headers: { 'a\r\nb': { env: 'PATH' } } } }],
    [{ metrics: {} }],
  ])('refuses %j', (section) => {
    expect(TelemetrySettings.safeParse(section).success).toBe(false);
  });
});
