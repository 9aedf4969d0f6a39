// Tells a person why a rule file did not load: the file as they wrote it, the line, the reason, and Node's
// frame of the source, without the versions that the loader adds to addresses.

import { fileURLToPath } from 'node:url'
import { errorText, messageOf } from '../../base/printable.ts'
import { displayName } from './rule-folder.ts'

export interface LoadFailure {
  /** The file as people write it: `rules/door.ts`. */
  readonly file: string
  readonly line: number | null
  /** A sentence, without the file. */
  readonly reason: string
  /** The lines of source round the place, or the stack through rule files; empty when there are none. */
  readonly frame: string
}

/** `rules/door.ts:3: …`, the frame on the lines below. */
export function describeFailure({ file, line, reason, frame }: LoadFailure): string {
  const place = line === null ? file : `${file}:${line}`
  return frame === '' ? `${place}: ${reason}` : `${place}: ${reason}\n${frame}`
}

/** @param file the file that was being loaded; the error may lie in another one that it imports */
export function loadFailure(dir: string, file: string, thrown: unknown): LoadFailure {
  const stack = errorText(thrown, 'stack')
  const place = firstPlace(stack)
  const name = place === undefined ? displayName(dir, file) : nameOf(dir, place.path)
  const via = name === displayName(dir, file) ? '' : ` (imported by ${displayName(dir, file)})`
  return {
    file: name,
    line: place?.line ?? null,
    reason: `${messageOf(thrown)}${via}`,
    frame: place === undefined ? '' : frameOf(dir, stack),
  }
}

/** Matches addresses of rule modules: no others have a version. */
const RULE_PLACE = /(file:\/\/\/[^\s()]+?)\?v=[0-9a-f]+:(\d+)/

function firstPlace(stack: string): { readonly path: string; readonly line: number } | undefined {
  const [, url, line] = RULE_PLACE.exec(stack) ?? []
  return url === undefined ? undefined : { path: fileURLToPath(url), line: Number(line) }
}

function nameOf(dir: string, path: string): string {
  return path.startsWith(`${dir}/`) ? displayName(dir, path.slice(dir.length + 1)) : path
}

/**
 * Returns the lines between the place and the message (of a syntax error), or else the calls inside rule
 * files.
 */
function frameOf(dir: string, stack: string): string {
  const lines = stack.split('\n')
  const end = lines.findIndex((line) => /^\w*Error\b/.test(line))
  const source = RULE_PLACE.test(lines[0] ?? '') ? lines.slice(1, end === -1 ? undefined : end) : []
  return source.length > 0 ? cleanStack(dir, source.join('\n').trimEnd()) : ruleFrames(dir, stack)
}

/** The calls of a stack that lie in rule files, a line each; empty when there are none. */
export function ruleFrames(dir: string, stack: string): string {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line) && RULE_PLACE.test(line))
  return cleanStack(dir, frames.join('\n').trimEnd())
}

/**
 * A stack without the versions that the loader adds, and with the names of rule files as people write them.
 */
const cleanStack = (dir: string, stack: string): string =>
  stack.replaceAll(/(file:\/\/\/[^\s()]+?)\?v=[0-9a-f]+/g, (_match, url: string) =>
    nameOf(dir, fileURLToPath(url)),
  )
