// The numbered statements of both specifications, in our own words: what each says, whom it binds, and why it may have nothing
// to bind here. 3.1.1 has no gaps in its numbers; 5.0 begins section 2.2.1 with 2.

import { readFileSync } from 'node:fs'

export interface Statement {
  /** As in the specification: `MQTT-3.3.2-2`. */
  readonly id: string
  readonly binds: 'server' | 'client' | 'both'
  readonly summary: string
  /** Why it asks for nothing here, although it binds servers. */
  readonly moot: string | undefined
}

/** How ids are written in code and in the names of tests: those of 5.0 bare, those of 3.1.1 after `v3 `. */
export const specifications = {
  '3.1.1': { prefix: 'v3 ', statements: read('mqtt-3.1.1.tsv') },
  '5.0': { prefix: '', statements: read('mqtt-5.0.tsv') },
} as const

function read(file: string): Statement[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [id, binds, summary, moot] = line.split('\t') as [string, Statement['binds'], string, string?]
      return { id, binds, summary, moot }
    })
}
