// Foreign programs that some tests speak to. On CI they must be there; elsewhere their tests are skipped, and say so.

import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const PLACES = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']

/** Where a program lies, or `undefined`. On CI a missing one is an error. */
function findTool(name: string): string | undefined {
  const found = PLACES.map((place) => join(place, name)).find((file) => isExecutable(file))
  if (found === undefined && process.env['CI'])
    throw new Error(`${name} is missing: .ci/run should have installed it.`)
  return found
}

/** For `it.skipIf(lacks('mosquitto_pub'))`. */
export const lacks = (...names: string[]): boolean => names.some((name) => findTool(name) === undefined)

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A Python that has this module: the system's own before others, for that is where Debian's packages go. */
export function pythonWith(module: string): string | undefined {
  const pythons = ['/usr/bin/python3', findTool('python3') ?? 'python3']
  const found = pythons.find((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0)
  if (found === undefined && process.env['CI'])
    throw new Error(`No Python has ${module}: .ci/run should have installed it.`)
  return found
}
