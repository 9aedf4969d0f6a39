// docs/conformance.md, made from the statements, the ids in the source and the ids in the names of tests.

import { mentionsInSource, mentionsInTests, type Mentions } from './mentions.ts'
import { specifications, type Statement } from './statements.ts'

interface Row extends Statement {
  readonly enforced: readonly string[]
  readonly shown: readonly string[]
}

export interface Table {
  readonly markdown: string
  /** Ids of statements that bind the hub and that no test shows. */
  readonly notShown: readonly string[]
  /** Ids of statements that bind the hub and stand nowhere in the source. */
  readonly nowhere: readonly string[]
  /** Ids in the source or in tests that no specification has. */
  readonly unknown: readonly string[]
}

export function conformanceTable(): Table {
  const inSource = mentionsInSource()
  const inTests = mentionsInTests()
  const sections: string[] = [INTRODUCTION]
  const notShown: string[] = []
  const nowhere: string[] = []
  const known = new Set<string>()
  for (const [version, { prefix, statements }] of Object.entries(specifications)) {
    const rows = statements.map((statement) => rowOf(statement, prefix, inSource, inTests))
    for (const row of rows) {
      known.add(`${prefix}${row.id}`)
      if (!bindsUs(row)) continue
      if (row.shown.length === 0) notShown.push(`${prefix}${row.id}`)
      if (row.enforced.length === 0) nowhere.push(`${prefix}${row.id}`)
    }
    sections.push(sectionOf(version, rows))
  }
  const unknown = [...new Set([...inSource.keys(), ...inTests.keys()])].filter((id) => !known.has(id))
  return { markdown: sections.join('\n'), notShown, nowhere, unknown }
}

const INTRODUCTION = `# Conformance to MQTT 3.1.1 and MQTT 5.0

This page lists every numbered statement of the two specifications: what it asks for in our words, which code
enforces it, and which test shows that it holds. Use it to look up a statement by its id, such as MQTT-3.3.2-2.

- *Enforced in* names a file under \`src/\` and the function; *shown by* names a file under \`test/\` and the test.
- A test file that ends in \`.wire\` holds conversations byte by byte, which can be played with another broker, too.
- The page is made by \`test/conformance\` from the ids in the source and in the names of tests. To renew it, run
  \`npx vitest run test/conformance -u\`.
`

const rowOf = (statement: Statement, prefix: string, inSource: Mentions, inTests: Mentions): Row => ({
  ...statement,
  enforced: inSource.get(`${prefix}${statement.id}`) ?? [],
  shown: inTests.get(`${prefix}${statement.id}`) ?? [],
})

const bindsUs = ({ binds, moot }: Statement): boolean => binds !== 'client' && moot === undefined

function sectionOf(version: string, rows: readonly Row[]): string {
  const ours = rows.filter(bindsUs)
  const shown = ours.filter((row) => row.shown.length > 0)
  const clients = rows.filter(({ binds }) => binds === 'client')
  const moot = rows.filter((row) => row.binds !== 'client' && row.moot !== undefined)
  return [
    `## MQTT ${version}`,
    '',
    `${rows.length} statements: ${ours.length} bind the hub, of which ${shown.length} are shown by tests; ` +
      `${clients.length} bind clients alone; ${moot.length} ask for nothing here.`,
    '',
    '| statement | asks for | enforced in | shown by |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row.id} | ${cell(row.summary)} | ${lines(row.enforced)} | ${shownBy(row)} |`),
    '',
  ].join('\n')
}

function shownBy({ binds, moot, shown }: Row): string {
  if (shown.length > 0) return lines(shown)
  if (binds === 'client') return 'not applicable: it binds clients'
  return moot === undefined ? '**not shown**' : `not applicable: ${cell(moot)}`
}

const lines = (places: readonly string[]): string => places.map(cell).join('<br>')

const cell = (text: string): string => text.replaceAll('|', '\\|')
