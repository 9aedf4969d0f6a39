// The rules folder as it lies on disk: which files may declare rules, and one version for all of their contents.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, join, sep } from 'node:path'

export interface RuleFolder {
  /** Absolute, without symbolic links, as Node names modules. */
  readonly dir: string
  /** Paths below `dir`, sorted, with forward slashes. */
  readonly files: readonly string[]
  /** Changes with any byte of any file: a helper that several rule files import changes them all. */
  readonly version: string
}

const RULE_FILE = /(?<!\.d|\.test)\.[mc]?[jt]s$/
const NEVER_READ = /^(?:\.|node_modules$)/

/** Throws when the folder cannot be read. */
export function readRuleFolder(rulesDir: string): RuleFolder {
  const dir = realpathSync(rulesDir)
  const hash = createHash('sha256')
  const files = listFiles(dir, '').toSorted()
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(dir, file)))
      .update('\0')
  return {
    dir,
    files: files.filter((file) => RULE_FILE.test(file)),
    version: hash.digest('hex').slice(0, 16),
  }
}

/** A file of the folder as people write it: `rules/door.ts`. */
export const displayName = (dir: string, file: string): string => `${basename(dir)}/${file}`

/** `true` for a path (relative to the folder) whose change is no change of the rules: editors' droppings, packages. */
export const isIgnored = (path: string): boolean =>
  path.split(sep).some((part) => NEVER_READ.test(part) || part.endsWith('~'))

function listFiles(dir: string, below: string): string[] {
  return readdirSync(join(dir, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (isIgnored(entry.name)) return []
    if (entry.isDirectory()) return listFiles(dir, path)
    return entry.isFile() || entry.isSymbolicLink() ? [path] : []
  })
}
