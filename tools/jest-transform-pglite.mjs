// PGlite takes `createRequire` from `await import("node:module")` in a scope that declares a variable `require`. swc turns
// that import into a call of `require`, which there is the variable, and not set yet. Node's own modules can be had
// without an import, so these imports are rewritten before swc sees them.
import swcJest from '@swc/jest';

const builtinImport = /\bimport\("(?:node:)?(fs|fs\/promises|module|stream|stream\/promises|util|zlib)"\)/g;

function rewrite(source) {
  return source.replaceAll(builtinImport, 'Promise.resolve(process.getBuiltinModule("node:$1"))');
}

export default {
  createTransformer(options) {
    const swc = swcJest.createTransformer(options);
    return {
      ...swc,
      process: (source, ...rest) => swc.process(rewrite(source), ...rest),
      getCacheKey: (source, ...rest) => swc.getCacheKey(rewrite(source), ...rest),
    };
  },
};
