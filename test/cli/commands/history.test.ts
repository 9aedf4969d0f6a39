import { expect, it } from 'vitest'
import type { NewEvent } from '../../../src/model/event.ts'
import { openBench } from '../../journal/fixtures.ts'
import { event } from '../../journal/nouns.ts'
import { FRAGILE_JSON } from '../../support/payloads.ts'
import { runCommand } from '../../support/terminal.ts'

/** A data folder with one event for each. */
function recorded(...events: Partial<NewEvent>[]): string {
  const { dataDir, writer } = openBench()
  writer.commit({ events: events.map((each, index) => event(index + 1, each)), changes: [] })
  return dataDir
}

it('passes payloads of JSON on as they came, in the history and in what led to an event', async () => {
  const data = recorded(...FRAGILE_JSON.map((text) => ({ payload: Buffer.from(text) })))
  const { out } = await runCommand(['history', '--json', '--data', data])
  for (const [index, line] of out.trimEnd().split('\n').entries())
    expect(line).toContain(`"payload":${FRAGILE_JSON[index]},"encoding":"json"`)
  const why = await runCommand(['why', '2', '--json', '--data', data])
  expect(why.out).toContain('"payload":{"id":1724442618569203714},')
})

it.each([['--json'], []])(
  'prints nothing that a terminal obeys, or orders text by (%s)',
  async (...flags) => {
    const hostile = '\u001B[2J\u0085\u009B31m\u061C\u200E\u200F\u202Egnp\u2067\u2028\u007F'
    const data = recorded(
      { payload: Buffer.from(hostile), client: hostile, topic: 'a/\u202Eb' },
      { payload: Buffer.from(JSON.stringify({ [hostile]: hostile })) },
    )
    for (const command of [['history'], ['why', '1'], ['why', '2']]) {
      const { out } = await runCommand([...command, ...flags, '--data', data])
      expect(out).toMatch(/\\u202egnp/)
      expect(out).not.toMatch(/[^\P{Cc}\n]|[\p{Bidi_Control}\u2028]/u)
    }
  },
)

it('leaves the escaped text of --json the same JSON', async () => {
  const text = 'a\u009B\u202Eb'
  const { out } = await runCommand(['history', '--json', '--data', recorded({ payload: Buffer.from(text) })])
  expect(JSON.parse(out)).toMatchObject({ payload: text })
})

it('prints and reads times in UTC with --utc, wherever it stands', async () => {
  const at = Date.UTC(2026, 10, 30)
  const data = recorded({ at: at - 1, topic: 'before' }, { at, topic: 'after' })
  const asked = ['history', '--since', '2026-11-30', '--data', data]
  for (const argv of [
    ['--utc', ...asked],
    [...asked, '--utc'],
  ])
    expect((await runCommand(argv)).out).toMatch(/^2026-11-30 00:00:00\.000Z #2 after [^\n]*\n$/)
  expect((await runCommand(['history', '--data', data])).out).not.toContain('Z #')
})

it('takes a day from its local midnight, and refuses what is no moment', async () => {
  const midnight = new Date(2026, 10, 30).getTime()
  const data = recorded({ at: midnight - 1, topic: 'before' }, { at: midnight, topic: 'after' })
  const { out } = await runCommand(['history', '--json', '--since', '2026-11-30', '--data', data])
  expect(JSON.parse(out)).toMatchObject({ topic: 'after' })
  for (const [command, option] of [
    ['history', '--since'],
    ['history', '--until'],
    ['runs', '--since'],
  ] as const) {
    const { status, error } = await runCommand([command, option, '5', '--data', data])
    expect(error).toMatch(/^vigie: "5" is a number without a unit; write an age such as 90m, 2h or 7d, /)
    expect(status).toBe(1)
  }
})

it('says so when the span ends before it begins', async () => {
  const args = ['history', '--since', '1h', '--until', '2h', '--data', recorded()]
  const { status, error } = await runCommand(args)
  expect(error).toMatch(/^vigie: --since \(.*\) is later than --until \(.*\)\.\n$/)
  expect(status).toBe(1)
})
