// What a test file has for `src/base/package.ts`; built-threads.ts says why.

import * as source from '../../src/base/package.ts'

export const { PACKAGE, CODE } = source

const THREAD = /^(?:engine|journal)\//

export const moduleAt = (name: string): URL =>
  THREAD.test(name) ? new URL(`.built/${name}.js`, PACKAGE) : source.moduleAt(name)
