import { expect, onTestFinished, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { Alert } from '../../../src/model/alert.ts'
import type { Event, Publication } from '../../../src/model/event.ts'
import { Leftovers } from '../../../src/engine/tell/leftovers.ts'
import type { Declared } from '../../../src/engine/tell/leftovers.ts'
import { alert } from '../../journal/nouns.ts'
import { SmallHub } from '../small-hub.ts'

const DAY = 24 * 3_600_000
const NOW = Date.UTC(2026, 10, 30)

const held = (more: Partial<Alert> = {}): Alert =>
  alert('k', { rule: 'r', sinceAt: NOW - 2 * DAY, cause: { event: 7, topic: 'doors/front' }, ...more })

interface Held {
  readonly payload: object | string
}

/** Clears what is left beside these declarations; returns what was published, as topic and payload. */
async function cleared(
  retained: Record<string, Held>,
  declared: Partial<Declared> = {},
  alerts: readonly Alert[] = [],
): Promise<[string, unknown][]> {
  const published: Publication[] = []
  const eventOn = (topic: string): Event => {
    const { payload } = retained[topic]!
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
    return { topic, payload: Buffer.from(text) } as unknown as Event
  }
  const leftovers = new Leftovers(
    {
      rules: [],
      pings: [],
      watches: [],
      hosts: [],
      tasks: [],
      commands: [],
      failures: [],
      references: [],
      ...declared,
    },
    {
      root: 'vigie',
      clock: new ManualClock(NOW),
      log: silentLog,
      reads: {
        retainedUnder: (prefix) => Object.keys(retained).filter((topic) => topic.startsWith(prefix)),
        lastOn: eventOn,
        heldAlerts: () => [...alerts],
        alert: (key) => alerts.find((each) => each.key === key),
      },
      publish: async (publication) => published.push(publication),
    },
  )
  leftovers.start()
  await leftovers.stop()
  expect(published.every(({ retain, payload }) => retain === (payload.length === 0))).toBe(true)
  return published.map(({ topic, payload }) => [
    topic,
    payload.length === 0 ? null : (JSON.parse(Buffer.from(payload).toString()) as unknown),
  ])
}

const PING = { state: 'down', previous: 'up', since: '', latencyMs: null, reason: 'no reply' }
const NO_RULE = 'the rule "r" is no longer in the rules'
const NO_PING = 'the ping "gone" is no longer in the rules'
const at = new Date(NOW).toISOString()

test('clears the state of a task that is gone, says why, and leaves the others', async () => {
  const retained = { 'vigie/tasks/gone': { payload: {} }, 'vigie/tasks/backup': { payload: {} } }
  expect(await cleared(retained, { tasks: ['backup'] })).toEqual([
    ['vigie/tasks/gone', null],
    [
      'vigie/hub/cleared',
      { topic: 'vigie/tasks/gone', reason: 'the task "gone" is no longer in the rules', at },
    ],
  ])
})

test('clears the state of a ping that is gone, says why in the history, and leaves the others', async () => {
  const retained = { 'vigie/ping/gone': { payload: PING }, 'vigie/ping/router': { payload: PING } }
  expect(await cleared(retained, { pings: ['router'] })).toEqual([
    ['vigie/ping/gone', null],
    ['vigie/hub/cleared', { topic: 'vigie/ping/gone', reason: NO_PING, at }],
  ])
})

test('clears what was said of the network when no ping stands for it any more', async () => {
  const retained = { 'vigie/hub/network': { payload: { state: 'down' } } }
  const reason = 'no ping in the rules stands for the network'
  expect(await cleared(retained, { references: ['dns'] })).toEqual([])
  expect(await cleared(retained)).toEqual([
    ['vigie/hub/network', null],
    ['vigie/hub/cleared', { topic: 'vigie/hub/network', reason, at }],
  ])
})

test('clears nothing while a file does not load, which may declare what is missing', async () => {
  const retained = { 'vigie/ping/gone': { payload: PING } }
  expect(await cleared(retained, { failures: ['rules/b.ts:1: Unexpected token'] }, [held()])).toEqual([])
})

test('clears what the watches said when none is left', async () => {
  const retained = { 'vigie/hub/watches': { payload: { state: 'unknown', reason: 'no /proc' } } }
  expect(await cleared(retained, { watches: ['runaway'] })).toEqual([])
  expect(await cleared(retained)).toEqual([
    ['vigie/hub/watches', null],
    ['vigie/hub/cleared', expect.objectContaining({ topic: 'vigie/hub/watches' })],
  ])
})

test('resolves an alert whose rule is gone, and clears it a day later', async () => {
  expect(await cleared({}, { rules: ['r'] }, [held()])).toEqual([])
  const body = `Nobody would resolve it any more: ${NO_RULE}.`
  expect(await cleared({}, {}, [held()])).toEqual([['vigie/commands/alerts/k/resolve', { body }]])
  const retained = { 'vigie/alerts/k': { payload: { key: 'k', version: 2 } } }
  const resolved = { state: 'resolved', sinceAt: NOW - DAY } as const
  expect(await cleared(retained, {}, [held({ ...resolved, sinceAt: NOW - DAY + 1 })])).toEqual([])
  expect(await cleared(retained, { rules: ['r'] }, [held(resolved)])).toEqual([])
  expect(await cleared(retained, {}, [held(resolved)])).toEqual([
    ['vigie/alerts/k', null],
    ['vigie/hub/cleared', { topic: 'vigie/alerts/k', reason: NO_RULE, at }],
  ])
})

test('resolves an alert about a ping that is gone, though its rule is there for other pings', async () => {
  const declared = { rules: ['r'], pings: ['router'] }
  const because = (topic: string) => [held({ cause: { event: 7, topic } })]
  expect(await cleared({}, declared, because('vigie/ping/router'))).toEqual([])
  expect(await cleared({}, declared, because('doors/front'))).toEqual([])
  expect(await cleared({}, declared, because('vigie/ping/gone'))).toEqual([
    ['vigie/commands/alerts/k/resolve', { body: `Nobody would resolve it any more: ${NO_PING}.` }],
  ])
  const noTask = 'the task "gone" is no longer in the rules'
  expect(await cleared({}, declared, because('vigie/tasks/gone'))).toEqual([
    ['vigie/commands/alerts/k/resolve', { body: `Nobody would resolve it any more: ${noTask}.` }],
  ])
})

test('clears what history has forgotten', async () => {
  const retained = { 'vigie/alerts/k': { payload: { key: 'k', version: 2 } } }
  expect(await cleared(retained)).toMatchObject([
    ['vigie/alerts/k', null],
    ['vigie/hub/cleared', { reason: 'the alert was resolved long ago' }],
  ])
})

test("leaves the hub's own alerts, and what is no alert", async () => {
  const retained = {
    'vigie/alerts/engine': { payload: { key: 'engine', state: 'firing' } },
    'vigie/alerts/text': { payload: 'hello' },
    'vigie/alerts/null': { payload: 'null' },
    'vigie/alerts/other': { payload: { rule: 'r', state: 'firing' } },
  }
  expect(await cleared(retained, {}, [held({ rule: null })])).toEqual([])
})

test('what a ping and its rule have left goes when both are taken out of their file', async () => {
  const file = `
    import { alert, down, ping, rule } from 'vigie'
    export const gone = ping('gone', { tcp: '127.0.0.1:1', every: '1m', fails: 1 })
    export const on = rule('on', { on: down('gone'), do: () => alert({ key: 'gone', title: 'It is down' }) })`
  const hub = new SmallHub({ 'a.ts': file })
  onTestFinished(() => hub.remove())
  await hub.start()
  await hub.message('vigie/alerts/gone', ({ state }) => state === 'firing')
  await hub.stop()
  hub.write({
    'a.ts': `import { rule } from 'vigie'\nexport default rule('other', { on: 'a', do: () => [] })`,
  })
  await hub.start()
  expect(await hub.message('vigie/hub/cleared')).toMatchObject({ topic: 'vigie/ping/gone', reason: NO_PING })
  expect(await hub.message('vigie/alerts/gone', ({ state }) => state === 'resolved')).toMatchObject({
    body: 'Nobody would resolve it any more: the rule "on" is no longer in the rules.',
  })
})
