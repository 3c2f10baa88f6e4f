import { CommandLineError, parseCommandLine } from './command-line.js';

describe('standalone/command-line', () => {
  it('has a default for everything', () => {
    expect(parseCommandLine([])).toEqual({
      config: undefined,
      state: '.pratique',
      anyPort: false,
      help: false,
    });
  });

  it('takes what it is told', () => {
    const args = ['--config', 'my.yaml', '--state', '/var/lib/pratique', '--any-port'];

    expect(parseCommandLine(args)).toEqual({
      config: 'my.yaml',
      state: '/var/lib/pratique',
      anyPort: true,
      help: false,
    });
  });

  it.each([['--conifg', 'x'], ['my.yaml'], ['--config']])('refuses %s', (...args) => {
    expect(() => parseCommandLine(args)).toThrow(CommandLineError);
  });
});
