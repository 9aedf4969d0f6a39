// Covers `src/cli/frame/event-filter.ts`, `src/cli/show/event-lines.ts`.

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

it('writes CSV that a spreadsheet reads: quotes, line breaks, and base64 for what is no text', async () => {
  const data = recorded(
    { topic: 'a,b', payload: Buffer.from('say "hi"\nthere') },
    { payload: Buffer.from([0xff]), client: null },
    { payload: Buffer.from('{"a":1}') },
  )
  const { out } = await runCommand(['history', '--csv', '--data', data])
  expect(out).toBe(
    [
      'id,at,topic,payload,encoding,qos,retain,origin,client',
      '1,1970-01-01T00:16:40.000Z,"a,b","say ""hi""\nthere",text,1,false,live,c1',
      '2,1970-01-01T00:16:40.000Z,a/b,/w==,base64,1,false,live,',
      '3,1970-01-01T00:16:40.000Z,a/b,"{""a"":1}",text,1,false,live,c1\n',
    ].join('\n'),
  )
})

it('shows only events of an origin, of a client, with a text, with JSON that fits', async () => {
  const data = recorded(
    { topic: 'one', origin: 'hub', client: null },
    { topic: 'two', client: 'c2', payload: Buffer.from('{"battery":12}') },
    { topic: 'three', payload: Buffer.from('out of paper') },
  )
  const topicsOf = async (...options: string[]) => {
    const { out } = await runCommand(['history', '--json', '--data', data, ...options])
    return Array.from(out.matchAll(/"topic":"(\w+)"/g), ([, topic]) => topic)
  }
  expect(await topicsOf('--origin', 'hub')).toEqual(['one'])
  expect(await topicsOf('--client', 'c2')).toEqual(['two'])
  expect(await topicsOf('--contains', 'of paper')).toEqual(['three'])
  expect(await topicsOf('--json-path', '$.battery < 20')).toEqual(['two'])
  expect(await topicsOf('--contains', 'paper', '--client', 'c2')).toEqual([])
})

it.each([
  [['--json-path', 'a b'], /^vigie: --json-path: "a b" is no condition on JSON; write a path such as/, 1],
  [['--origin', 'mars'], /Allowed choices are live, retained/, 2],
  [['--json', '--csv'], /cannot be used with option/, 2],
])('refuses %j with a sentence', async (options, sentence, wanted) => {
  const { status, error } = await runCommand(['history', '--data', recorded({}), ...options])
  expect(error).toMatch(sentence)
  expect(status).toBe(wanted)
})

it('goes on with what comes and matches, until it is interrupted', async () => {
  const { dataDir, writer } = openBench()
  writer.commit({ events: [event(1), event(2, { topic: 'lamp' })] })
  const interruption = new AbortController()
  const lines: string[] = []
  const waiting = new Map<number, () => void>()
  const printed = (count: number): Promise<void> =>
    new Promise((resolve) => (lines.length >= count ? resolve() : waiting.set(count, resolve)))
  const done = runCommand(['history', 'lamp', '--follow', '-n', '1', '--data', dataDir], {
    interrupted: () => interruption.signal,
    out: (text) => {
      lines.push(text)
      waiting.get(lines.length)?.()
    },
  })
  await printed(1)
  writer.commit({ events: [event(3, { topic: 'lamp' }), event(4), event(5, { topic: 'lamp' })] })
  await printed(3)
  writer.commit({ events: [event(6, { topic: 'lamp' })] })
  await printed(4)
  interruption.abort()
  expect((await done).status).toBe(0)
  expect(lines.map((line) => /#(\d+) lamp/.exec(line)?.[1])).toEqual(['2', '3', '5', '6'])
})

it('writes as base64 into CSV what a terminal would obey', async () => {
  const payload = Buffer.from('\u001B[2Jboo\r')
  const { out } = await runCommand([
    'history',
    '--csv',
    '--data',
    recorded({ payload, topic: 'a/\u001B[2J' }),
  ])
  expect(out).not.toMatch(/[^\P{Cc}\n]/u)
  expect(out).toContain(`,${payload.toString('base64')},base64,`)
})
