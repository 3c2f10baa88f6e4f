import { readFileSync } from 'node:fs';
import { run } from '../processes/child-process.js';
import { requiredProgram } from '../processes/required-program.js';

describe('shell scripts', () => {
  it('have none of the faults that shellcheck knows', async () => {
    const files = (await run('git', ['ls-files'])).split('\n').filter((file) => file !== '');
    const scripts = files.filter(
      (file) => /\.sh$/.test(file) || /^#!.*\b(?:ba|da)?sh\b/.test(firstLine(file)),
    );

    expect(scripts).toEqual(expect.arrayContaining(['.ci/run', 'compose/start-postgres.sh']));
    const shellcheck = requiredProgram({ name: 'shellcheck', debianPackage: 'shellcheck' });
    expect(await run(shellcheck, ['--severity=style', ...scripts])).toBe('');
  });
});

function firstLine(file: string): string {
  return readFileSync(file, 'latin1').split('\n', 1)[0] ?? '';
}
