// Writes docs/registries from the definitions in libs/registries. Run after a build: `npm run docs:registries`.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { registryPages } from '../dist/libs/registries/src/index.js';

const folder = new URL('../docs/registries/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const file of readdirSync(folder)) rmSync(new URL(file, folder));
for (const { file, text } of registryPages()) writeFileSync(new URL(file, folder), text);
