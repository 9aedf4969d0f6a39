// Reads mqttwarn.ini as Python's ConfigParser does: sections, `name = value` or `name: value`, comments with
// `;` or `#` at the beginning of a line, and lines that go on because they are indented.

import { type Python, pythonValue } from './python.ts'

export interface IniSection {
  readonly name: string
  /** Counts from 1. */
  readonly line: number
  readonly settings: ReadonlyMap<string, IniSetting>
}

export interface IniSetting {
  readonly text: string
  readonly value: Python
  readonly line: number
}

export function parseIni(text: string): readonly IniSection[] {
  const sections: { name: string; line: number; texts: Map<string, { lines: string[]; line: number }> }[] = []
  let current: { lines: string[] } | undefined
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    if (/^\s*[;#]/.test(raw)) continue
    const [, name] = /^\[(.*)\]\s*$/.exec(raw) ?? []
    if (name !== undefined) {
      sections.push({ name, line: index + 1, texts: new Map() })
      current = undefined
      continue
    }
    if (/^\s/.test(raw) || raw.trim() === '') {
      current?.lines.push(raw)
      continue
    }
    const [, key, value = ''] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(raw) ?? []
    const section = sections.at(-1)
    if (key === undefined || section === undefined) continue
    const setting = { lines: [value], line: index + 1 }
    section.texts.set(key.toLowerCase(), setting)
    current = setting
  }
  return sections.map(({ name, line, texts }) => ({
    name,
    line,
    settings: new Map(
      Array.from(texts, ([key, { lines, line: at }]) => {
        const whole = lines.join('\n').trim()
        return [key, { text: whole, value: pythonValue(whole), line: at }]
      }),
    ),
  }))
}
