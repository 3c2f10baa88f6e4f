import { run } from '../test/run.js';
import { verbs } from './verbs/verbs.js';

const names = verbs.map(({ name }) => name);

describe('cli/run-command-line', () => {
  it.each([['--help'], ['help']])('lists its verbs for %s', async (word) => {
    const { exitCode, out, err } = await run([word]);
    expect([exitCode, err]).toEqual([0, '']);
    for (const name of names) expect(out).toContain(`  ${name} `);
  });

  it('lists the verbs of a family', async () => {
    const { exitCode, out } = await run(['topology', '--help']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/topology apply .*\n.*topology check .*\n.*topology print /);
    expect(out).not.toContain('validate');
  });

  it.each(names)('teaches %s with --help', async (name) => {
    const { exitCode, out, err } = await run([...name.split(' '), '--help']);
    expect([exitCode, err]).toEqual([0, '']);
    for (const part of [
      `Usage: pratique ${name} `,
      '--json',
      'Examples:',
      'Exit codes:',
      '  0  ',
      '  1  ',
      '  2  ',
    ]) {
      expect(out).toContain(part);
    }
  });

  it.each([
    [[], /^Say what to do: .*validate/],
    [['valdate'], /^There is no verb "valdate"; there are .*validate, .* \(pratique --help explains them\)$/],
    [['topology'], /^There is no verb "topology"; there are topology apply, topology check, topology print /],
    [['topology', 'aply'], /^There is no verb "topology aply"/],
    [
      ['validate', '--conifg', 'x'],
      /^Unknown option '--conifg' \(pratique validate --help lists the options\)$/,
    ],
    [['validate', 'file.yaml'], /^Unexpected argument 'file.yaml'/],
    [
      ['validate', '--service', 'syncc'],
      /^There is no service "syncc"; there are ingress, scan, sync, audit$/,
    ],
    [['topology', 'print', '--emulator-config', 'kafka'], /^There is no emulator "kafka"/],
    [['topology', 'check', '--management-port', '0'], /^--management-port must be a port/],
    [['dead-letters', 'list'], /^Say whose dead letters: --subscription scan, promotion, sync, audit$/],
    [['dead-letters', 'list', '--subscription', 'sacn'], /^There is no subscription "sacn"/],
    [['dead-letters', 'list', '--subscription', 'scan', '--limit', '-1'], /--limit/],
    [['dead-letters', 'show', '--subscription', 'scan'], /^Say which dead letters: --id ID/],
    [['dead-letters', 'replay', '--subscription', 'scan', '--all', '--id', 'x'], /^Say which dead letters/],
  ])('calls %j wrong use, in one sentence that says how', async (args, sentence) => {
    const { exitCode, out, err } = await run(args);
    expect([exitCode, out]).toEqual([2, '']);
    expect(err.trimEnd()).toMatch(sentence);
    expect(err.trimEnd()).not.toContain('\n');
  });
});
