// Where the files of this package are. In a checkout the code is TypeScript in `src`, and runs as it is; once built
// it is JavaScript, and many modules are one file. So no module but this one may tell from its own address where
// another one is.

import { findPackageJSON } from 'node:module'
import { pathToFileURL } from 'node:url'

/** The folder of the package. */
export const PACKAGE = new URL('.', pathToFileURL(findPackageJSON('.', import.meta.url)!))

/** The folder of the code that runs: this module is one level below it, in `base/` or in the `chunks/` of a build. */
export const CODE = new URL('..', import.meta.url)

const ENDING = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/**
 * The address of a module that is begun or imported by its address: `moduleAt('engine/worker')`. The build has a
 * file of this name for each of them (vite.config.ts).
 */
export const moduleAt = (name: string): URL => new URL(name + ENDING, CODE)
