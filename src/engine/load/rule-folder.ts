// The rules folder as it lies on disk: which files may declare rules, what in it cannot be read, and one
// version for all of its contents.
//
// An entry that cannot be read costs that entry only. A link to a file is that file; a link to a folder is
// followed, each real folder once, so that a loop of links ends. Nothing but regular files is ever opened: a
// named pipe would wait for ever.

import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs'
import type { Stats } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { messageOf } from '../../base/printable.ts'

export interface RuleFolder {
  /** Absolute, without symbolic links, as Node names modules. */
  readonly dir: string
  /** Paths below `dir` of the files that may declare rules, sorted, with forward slashes. */
  readonly files: readonly string[]
  /** Changes with any byte of any file: a helper that several rule files import changes them all. */
  readonly version: string
  /** A sentence for each path that may hold rules and cannot be read. */
  readonly failures: readonly string[]
  /** Absolute paths of the links in it on whose targets it depends. */
  readonly links: readonly string[]
  /** Real paths of the folders that these lead to. */
  readonly linkedFolders: readonly string[]
  /** A sentence for each path that is left out and that, by its name, holds no rules. */
  readonly warnings: readonly string[]
}

const RULE_FILE = /(?<!\.d|\.test)\.[mc]?[jt]s$/
const NEVER_READ = /^(?:\.|node_modules$)/
/** The most entries that links may bring into the folder: a link to `/` would bring the whole machine. */
const MOST_LINKED = 10_000
/**
 * A file that is no rule file and larger than this enters the version with its size and time instead of its
 * contents.
 */
const MOST_HASHED_BYTES = 2 ** 20

export interface ReadingOptions {
  /** The hub's data folder: if it lies inside of the rules folder, it is no part of the rules. */
  readonly dataDir?: string | undefined
  /** The most entries that links may bring into the folder; 10,000 by default. */
  readonly mostLinked?: number
}

/** Throws when the folder itself cannot be read. */
export function readRuleFolder(rulesDir: string, options: ReadingOptions = {}): RuleFolder {
  const dir = realpathSync(rulesDir)
  const reading = new Reading(dir, options)
  reading.read()
  return reading.folder()
}

/** A file of the folder as people write it: `rules/door.ts`. */
export const displayName = (dir: string, file: string): string => `${basename(dir)}/${file}`

/**
 * `true` for a path (relative to the folder) whose change is no change of the rules: editors' droppings,
 * packages.
 */
export const isIgnored = (path: string): boolean =>
  path.split(sep).some((part) => NEVER_READ.test(part) || part.endsWith('~'))

class Reading {
  readonly #dir: string
  readonly #hash: Hash = createHash('sha256')
  /** Real paths of the folders that have been read, and of the one that never is. */
  readonly #seen = new Set<string>()
  /** Links that are still to be followed. */
  readonly #links: string[] = []
  readonly #followed: string[] = []
  readonly #linkedFolders: string[] = []
  readonly #found: string[] = []
  readonly #files: string[] = []
  readonly #failures: string[] = []
  readonly #warnings: string[] = []
  readonly #mostLinked: number
  /** Entries that links may still bring. */
  #linkedLeft: number
  #isLinked = false

  constructor(dir: string, { dataDir, mostLinked = MOST_LINKED }: ReadingOptions) {
    this.#dir = dir
    this.#mostLinked = this.#linkedLeft = mostLinked
    const data = dataDir === undefined ? undefined : realPath(dataDir)
    if (data !== undefined && data !== dir) this.#seen.add(data)
  }

  read(): void {
    this.#seen.add(this.#dir)
    this.#list('', this.#dir)
    // Links come last: a file of the folder itself never depends on where they lead.
    this.#isLinked = true
    for (let link = this.#links.shift(); link !== undefined; link = this.#links.shift()) this.#follow(link)
    for (const path of this.#found.toSorted()) this.#take(path)
  }

  folder(): RuleFolder {
    for (const sentence of [...this.#failures, ...this.#warnings]) this.#hash.update(`${sentence}\0`)
    return {
      dir: this.#dir,
      files: this.#files,
      links: this.#followed.map((path) => join(this.#dir, path)),
      linkedFolders: this.#linkedFolders,
      version: this.#hash.digest('hex').slice(0, 16),
      failures: this.#failures,
      warnings: this.#warnings,
    }
  }

  /** @param real the real path of the folder at `below` */
  #list(below: string, real: string): void {
    for (const entry of readdirSync(real, { withFileTypes: true })) {
      if (isIgnored(entry.name)) continue
      if (this.#isLinked && this.#linkedLeft-- <= 0) throw new TooMany()
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isSymbolicLink()) this.#links.push(path)
      else if (entry.isDirectory()) this.#enter(path, join(real, entry.name))
      else if (entry.isFile()) this.#found.push(path)
      else this.#leaveOut(path, `is ${kindOf(entry)} and not a file`)
    }
  }

  #enter(path: string, real: string): void {
    if (this.#seen.has(real)) return
    this.#seen.add(real)
    try {
      this.#list(path, real)
    } catch (error) {
      if (error instanceof TooMany) throw error
      // The file has gone since it was listed, so it counts as never there.
      if (codeOf(error) !== 'ENOENT')
        this.#failures.push(`${this.#name(path)} ${unreadable(error, 'folder')}; mend or remove it.`)
    }
  }

  #follow(path: string): void {
    let target: Stats
    let real: string
    try {
      target = statSync(join(this.#dir, path))
      real = realpathSync(join(this.#dir, path))
    } catch (error) {
      const isThere = lstatSync(join(this.#dir, path), { throwIfNoEntry: false }) !== undefined
      if (!isThere) return
      this.#followed.push(path)
      this.#leaveOut(path, unfollowable(error))
      return
    }
    if (target.isFile()) {
      this.#followed.push(path)
      this.#found.push(path)
    } else if (target.isDirectory()) this.#followFolder(path, real)
    else this.#leaveOut(path, `leads to ${kindOf(target)} and not to a file`)
  }

  #followFolder(path: string, real: string): void {
    if (this.#seen.has(real) || this.#dir.startsWith(real === '/' ? real : `${real}/`)) {
      this.#warnings.push(
        `${this.#name(path)} is a link to ${real}, which is read already or leads back here; it is left out.`,
      )
      return
    }
    const before = { found: this.#found.length, links: this.#links.length, left: this.#linkedLeft }
    try {
      this.#enter(path, real)
      this.#followed.push(path)
      this.#linkedFolders.push(real)
    } catch (error) {
      if (!(error instanceof TooMany)) throw error
      this.#found.length = before.found
      this.#links.length = before.links
      this.#linkedLeft = before.left
      this.#failures.push(
        `${this.#name(path)} is a link to ${real}; with it, links bring in more than ` +
          `${this.#mostLinked.toLocaleString('en')} files. It is left out: link to the folder that holds the rules.`,
      )
    }
  }

  #take(path: string): void {
    const isRule = RULE_FILE.test(path)
    try {
      const contents = contentsOf(join(this.#dir, path), isRule ? Infinity : MOST_HASHED_BYTES)
      this.#hash.update(`${path}\0`).update(contents).update('\0')
      if (isRule) this.#files.push(path)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') this.#leaveOut(path, unreadable(error, 'file'))
    }
  }

  #leaveOut(path: string, why: string): void {
    if (RULE_FILE.test(path)) this.#failures.push(`${this.#name(path)} ${why}; mend or remove it.`)
    else this.#warnings.push(`${this.#name(path)} ${why}; it is left out.`)
  }

  #name(path: string): string {
    return displayName(this.#dir, path)
  }
}

/** Thrown when links bring too many entries. */
class TooMany extends Error {}

/** Returns the bytes of a regular file, or its size and time when it has more than `mostBytes`. */
export function contentsOf(path: string, mostBytes = Infinity): Buffer | string {
  // O_NONBLOCK: if the path has become a named pipe, opening it must not wait for the other end.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) throw new Error(`${kindOf(stats)} and not a file`)
    return stats.size > mostBytes ? `${stats.size} ${stats.mtimeMs}` : readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? messageOf(error)

const unreadable = (error: unknown, what: 'file' | 'folder'): string =>
  codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM'
    ? `cannot be read: this user may not read the ${what} (${codeOf(error)})`
    : `cannot be read (${codeOf(error)})`

function unfollowable(error: unknown): string {
  const code = codeOf(error)
  if (code === 'ENOENT') return 'is a link that leads nowhere'
  if (code === 'ELOOP') return 'is a link that leads back to itself'
  return `is a link that cannot be followed (${code})`
}

function kindOf(entry: Pick<Stats, 'isFIFO' | 'isSocket' | 'isDirectory'>): string {
  if (entry.isFIFO()) return 'a named pipe'
  if (entry.isSocket()) return 'a socket'
  return entry.isDirectory() ? 'a folder' : 'a device'
}
