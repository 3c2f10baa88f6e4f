#!/usr/bin/env node
// The command `pratique` of this repository: builds it the first time. `npm run build` makes it anew.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const main = new URL('dist/apps/cli/src/main.js', root);

if (!existsSync(main)) {
  const nest = new URL('node_modules/@nestjs/cli/bin/nest.js', root);
  // What the build prints is no part of the answer.
  const { status } = spawnSync(process.execPath, [fileURLToPath(nest), 'build', 'cli'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(1);
}

process.setSourceMapsEnabled(true);
await import(main.href);
