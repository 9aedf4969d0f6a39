// The JavaScript of rule files and configurations in TypeScript. Node takes longer to load its compiler than to begin
// itself, so what the compiler made of a file is kept beside the compiled code of the hub (base/compiled.ts).

import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { getCompileCacheDir, stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'

/** Files that are kept, a few KiB each. When there are more, the older half goes. */
const MOST_FILES = 400

/** SHA-256 in hexadecimal. */
const DIGEST_LENGTH = 64

/**
 * Returns the module without its types, each character at its place. Throws what Node's compiler throws.
 * @param folder keeps what was made, by the content; by default one of this version of Node, if it keeps any
 */
export function withoutTypes(source: string, folder = keptFolder()): string {
  if (folder === undefined) return strip(source)
  const path = join(folder, `${digestOf(source)}.js`)
  const kept = keptIn(path)
  if (kept !== undefined) return kept
  const stripped = strip(source)
  keep(folder, path, stripped)
  return stripped
}

/** What is kept bears its own digest: a power cut may leave a file that is empty, or full of zeros. */
function keptIn(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    const stripped = text.slice(DIGEST_LENGTH)
    return text.startsWith(digestOf(stripped)) ? stripped : undefined
  } catch {
    return undefined
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

function keptFolder(): string | undefined {
  const compiled = getCompileCacheDir()
  return compiled && join(compiled, 'rules')
}

/** Node warns of this function once a process, which nobody who writes rules could heed. */
function strip(source: string): string {
  // oxlint-disable-next-line typescript/unbound-method -- put back as it was
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source)
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Other processes never see a part of it. What a process leaves that cannot write on goes with the older half. */
function keep(folder: string, path: string, stripped: string): void {
  try {
    mkdirSync(folder, { recursive: true })
    makeRoom(folder)
    const part = `${path}.${process.pid}`
    writeFileSync(part, digestOf(stripped) + stripped)
    renameSync(part, path)
  } catch {
    // The next process compiles it again.
  }
}

function makeRoom(folder: string): void {
  const paths = readdirSync(folder).map((name) => join(folder, name))
  if (paths.length < MOST_FILES) return
  const writtenAt = new Map(paths.map((path) => [path, statSync(path).mtimeMs]))
  const older = paths.toSorted((a, b) => writtenAt.get(a)! - writtenAt.get(b)!).slice(0, MOST_FILES / 2)
  for (const path of older) rmSync(path, { force: true })
}
