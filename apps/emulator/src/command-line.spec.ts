import { CommandLineError, parseCommandLine } from './command-line.js';

describe('emulator/command-line', () => {
  it('has a default for everything', () => {
    expect(parseCommandLine([])).toEqual({
      port: 5672,
      host: '127.0.0.1',
      storage: { folder: '.pratique/emulator' },
      help: false,
    });
  });

  it('takes what it is told', () => {
    expect(parseCommandLine(['--port', '0', '--host', '0.0.0.0', '--folder', '/data'])).toEqual({
      port: 0,
      host: '0.0.0.0',
      storage: { folder: '/data' },
      help: false,
    });
    expect(parseCommandLine(['--memory']).storage).toBe('memory');
  });

  it.each([
    ['--prot', '1'],
    ['5672'],
    ['--port'],
    ['--port', '65536'],
    ['--port', '1e3'],
    ['--port', ''],
    ['--memory', '--folder', 'x'],
  ])('refuses %s', (...args) => {
    expect(() => parseCommandLine(args)).toThrow(CommandLineError);
  });
});
