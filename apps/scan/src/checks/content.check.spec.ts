import { aFile, describeCheck, inspect, prepare } from './check.contract.js';

const bicepOnly = { content: { allow: ['*.bicep'] } };

describe('scan/checks/content.check', () => {
  describeCheck('content', {
    settings: bicepOnly,
    passes: { files: { 'foo.bicep': "param a string = 'ü'\n" } },
    fails: { files: { 'foo.bicep': 'param a string\n', 'hi.txt': 'foo\n' } },
    refusedSettings: [
      { content: {} },
      { content: { allow: [] } },
      { content: { allow: [''] } },
      { content: { allow: '*.bicep' } },
      { content: { permit: ['*'] } },
      { content: { allow: ['*'] }, other: {} },
      {},
    ],
  });

  it.each([
    ['*.bicep', 'foo.bicep', true],
    ['*.bicep', '.bicep', true],
    ['*.bicep', 'modules/foo.bicep', false],
    ['**/*.bicep', 'modules/deep/foo.bicep', true],
    ['**/*.bicep', 'foo.bicep', true],
    ['*.bicep', 'foo.BICEP', false],
    ['*.bicep', 'foo.bicep.exe', false],
    ['*.bicep', 'foo.bicep\n', false],
    ['modules/**', 'modules/.hidden/x', true],
  ])('with %s on the list, is a file %j allowed: %s', (glob, path, allowed) => {
    const { result } = inspect({ content: { allow: [glob] } }, { files: { [path]: 'text' } });

    expect(result).toBe(allowed ? 'passed' : 'failed');
  });

  it.each([
    ['**/*.exe', 'setup.exe'],
    ['**/*.exe', 'a/b/SETUP.EXE'],
    ['**/.git/**', 'a/.git/config'],
    ['a[1].txt', 'a[1].txt'],
    ['!important', '!important'],
  ])('with %s denied, fails on %s', (glob, path) => {
    expect(inspect({ content: { deny: [glob] } }, { files: { [path]: 'text' } })).toMatchObject({
      result: 'failed',
      findings: [{ path, message: expect.stringContaining('is denied') as string }],
    });
    expect(inspect({ content: { deny: [glob] } }, { files: { harmless: 'text' } }).result).toBe('passed');
  });

  it('is not led astray by a line break in a name', () => {
    const report = inspect({ content: { deny: ['**/*.exe'] } }, { files: { 'line\nbreak/setup.exe': 'MZ' } });

    expect(report).toMatchObject({ result: 'failed', findings: [{ path: 'line?break/setup.exe' }] });
  });

  it('lets a denial win over a permission', () => {
    const settings = { content: { allow: ['*.bicep'], deny: ['secret*'] } };

    expect(inspect(settings, { files: { 'secret.bicep': 'x' } }).result).toBe('failed');
  });

  it.each([
    ['an executable', Buffer.from('7f454c46020101', 'hex')],
    ['a zip', Buffer.from('PK\u0003\u0004\0')],
    ['UTF-16', Buffer.from('param', 'utf16le')],
    ['broken UTF-8', Buffer.from([0x61, 0xc3])],
    ['a NUL at the end', Buffer.from('param a string\n\0')],
  ])('does not take %s for the Bicep file that it is called', (_what, content) => {
    expect(inspect(bicepOnly, { files: { 'foo.bicep': content } })).toMatchObject({
      result: 'failed',
      findings: [
        { id: 'not-text', message: 'The file foo.bicep is not the text file that its name promises.' },
      ],
    });
  });

  it('does not take a link for a file', () => {
    const inspection = prepare(bicepOnly).begin();
    inspection.file?.(aFile({ path: 'foo.bicep', kind: 'link' }));

    expect(inspection.report().result).toBe('failed');
  });

  it('judges layers by their type', () => {
    const settings = { content: { mediaTypes: ['application/vnd.oci.image.layer.v1.*'] } };
    const helm = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';

    expect(inspect(settings, { layers: [{}] }).result).toBe('passed');
    expect(inspect(settings, { layers: [{}, { mediaType: helm }] })).toMatchObject({
      result: 'failed',
      findings: [{ message: expect.stringContaining(helm) as string }],
    });
  });

  it('finds nothing to check where only files are judged and there are none', () => {
    expect(inspect(bicepOnly, { layers: [{}] }).result).toBe('nothing-to-check');
  });

  it('does not repeat itself without end', () => {
    const files = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${index}.exe`, '']));

    const { findings, unlisted } = inspect(bicepOnly, { files });
    expect([findings.length, unlisted]).toEqual([100, 400]);
  });
});
