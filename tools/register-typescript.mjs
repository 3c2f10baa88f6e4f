// Lets Node run the sources as they are, in a thread or process that a test starts: `node --import` this file. Jest transforms
// what it loads itself, and cannot reach into threads.
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const root = new URL('../', import.meta.url);
const ours = /^@pratique\/(?:(emulators)-)?(.+)$/;
const options = {
  jsc: {
    target: 'es2024',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

registerHooks({
  resolve(specifier, context, next) {
    const lib = ours.exec(specifier);
    if (lib !== null) {
      const folder = [lib[1], lib[2]].filter(Boolean).join('/');
      return { url: new URL(`libs/${folder}/src/index.ts`, root).href, shortCircuit: true };
    }
    if (specifier.startsWith('.') && specifier.endsWith('.js')) {
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(source)) return { url: source.href, shortCircuit: true };
    }
    return next(specifier, context);
  },
  load(url, context, next) {
    if (!url.endsWith('.ts')) return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { ...options, filename });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
