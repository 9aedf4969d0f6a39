// Where the ids of statements stand: in the source on the lines that enforce them, in tests in their names.

import { globSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Places by id, each as it is shown, without repeats. */
export type Mentions = ReadonlyMap<string, readonly string[]>

const root = fileURLToPath(new URL('../../', import.meta.url))
const ID = /\[((?:v3 )?MQTT-[\d.]+-\d+)\]/g

/** `broker/routing/retained.ts set`: the file, and the function around the line, or after the comment. */
export function mentionsInSource(): Mentions {
  return collect('src/**/*.ts', (text, add) => {
    const lines = text.split('\n')
    for (const [index, line] of lines.entries()) {
      for (const [, id] of line.matchAll(ID)) add(id!, symbolAt(lines, index))
    }
  })
}

/** The names of tests, and the titles of conversations. */
export function mentionsInTests(): Mentions {
  const byTest = collect('test/**/*.test.ts', (text, add) => {
    for (const [, , name] of text.matchAll(NAMED_TEST)) {
      for (const [, id] of name!.matchAll(ID)) add(id!, withoutIds(name!))
    }
  })
  const byConversation = collect('test/**/*.wire', (text, add) => {
    for (const [, title] of text.matchAll(/^== (.+)$/gm)) {
      for (const [, id] of title!.matchAll(ID)) add(id!, withoutIds(title!))
    }
  })
  const both = new Map<string, readonly string[]>(byTest)
  for (const [id, places] of byConversation) both.set(id, [...(both.get(id) ?? []), ...places])
  return both
}

const NAMED_TEST = /\b(?:it|test)(?:\.\w+)*(?:\(.*?\))??\(\s*(['"`])(.*?)\1/gs

function collect(
  pattern: string,
  find: (text: string, add: (id: string, where: string) => void) => void,
): Map<string, string[]> {
  const mentions = new Map<string, string[]>()
  for (const path of globSync(pattern, { cwd: root }).toSorted()) {
    const file = relative(pattern.startsWith('src') ? 'src' : 'test', path)
    find(readFileSync(`${root}${path}`, 'utf8'), (id, where) => {
      const place = where === '' ? `\`${file}\`` : `\`${file}\` ${where}`
      const places = mentions.get(id)
      if (places === undefined) mentions.set(id, [place])
      else if (!places.includes(place)) places.push(place)
    })
  }
  return mentions
}

/** What a line belongs to: a comment to what is declared under it, if anything is, all else to what it stands in. */
function symbolAt(lines: readonly string[], index: number): string {
  const isComment = (line: string): boolean => /^\s*(?:\/\/|\/?\*)/.test(line)
  if (isComment(lines[index]!)) {
    // The comment that opens a file speaks of all of it.
    if (lines.slice(0, index).every(isComment)) return ''
    const under = lines.findIndex((line, at) => at > index && !isComment(line))
    const name = topLevel(lines[under]!) ?? (isInClass(lines, index) ? member(lines[under]!) : undefined)
    if (name !== undefined) return name
  }
  for (let at = index; at >= 0; at--) {
    const name = isInClass(lines, at) ? member(lines[at]!) : undefined
    if (name !== undefined) return name
    const outer = topLevel(lines[at]!)
    if (outer !== undefined) return outer
  }
  return ''
}

const isInClass = (lines: readonly string[], index: number): boolean => {
  const outer = lines.findLastIndex((line, at) => at < index && topLevel(line) !== undefined)
  return outer !== -1 && /^(?:export )?(?:class|interface) /.test(lines[outer]!)
}

const topLevel = (line: string): string | undefined =>
  /^(?:export )?(?:async )?(?:function\*?|class|const|let|interface|type) (\w+)/.exec(line)?.[1]

const member = (line: string): string | undefined =>
  /^ {2}(?:async |get |set |readonly |\*)*(#?\w+)(?:\(|\??: | = )/.exec(line)?.[1]

const withoutIds = (name: string): string =>
  name
    .replace(/^\(vigie\) /, '')
    .replaceAll(ID, '')
    .trim()
