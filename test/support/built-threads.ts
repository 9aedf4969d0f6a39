// Loaded before a test file: the engines and journals that it begins run as hubs of the build do (build.ts), and so
// begin in two thirds of the time. What rule files import in this process stays the source, as there has to be one
// copy of it.

import { registerHooks } from 'node:module'

const INSTEAD = new URL('built-package.ts', import.meta.url).href

/** One process takes many files, and this is loaded for each. */
const here = globalThis as { vigieThreadsAreBuilt?: true }

if (!here.vigieThreadsAreBuilt)
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      return found.url.endsWith('/src/base/package.ts') && context.parentURL !== INSTEAD
        ? { ...found, url: INSTEAD }
        : found
    },
  })
here.vigieThreadsAreBuilt = true
