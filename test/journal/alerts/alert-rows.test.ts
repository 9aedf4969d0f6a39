// Covers `src/journal/alerts/alert-columns.ts`, `src/journal/alerts/alert-writer.ts`.

import { describe, expect, it } from 'vitest'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { ALERT_STATES, NEXT_ALERT_STATES } from '../../../src/model/alert.ts'
import type { AlertFlip, AlertState } from '../../../src/model/alert.ts'
import type { Change } from '../../../src/model/store.ts'
import { openBench } from '../fixtures.ts'
import { alert, event, notification } from '../nouns.ts'

const DAY = 86_400_000

const flip = (rest: Partial<AlertFlip> = {}): AlertFlip => ({
  key: 'nas',
  incident: 1,
  number: 1,
  from: null,
  to: 'firing',
  at: 10,
  event: 1,
  by: 'rule "door"',
  ...rest,
})

function openStore(history?: Parameters<typeof openBench>[0]) {
  const bench = openBench(history)
  const queries = openQueries(bench.dataDir)
  const commit = (change: Change): Error | null => bench.writer.commit({ changes: [change] })[0] ?? null
  return { ...bench, queries, commit }
}

describe('alerts in the journal', () => {
  it('have their flips and what is told of them', () => {
    const { commit, queries } = openStore()
    commit({
      alerts: [alert('nas'), alert('door', { sinceAt: 20, state: 'resolved' })],
      alertFlips: [flip(), flip({ number: 2, from: 'firing', to: 'silenced', event: null })],
      notifications: [notification('alert/nas'), notification('group/0/a', { alerts: ['x', 'nas'] })],
    })
    expect(queries.alerts({ limit: 9 }).map(({ key }) => key)).toEqual(['door', 'nas'])
    expect(queries.alerts({ states: ['firing'], limit: 9 }).map(({ key }) => key)).toEqual(['nas'])
    expect(queries.alert('nas')).toEqual({
      alert: alert('nas'),
      flips: [flip(), flip({ number: 2, from: 'firing', to: 'silenced', event: null })],
      notifications: [notification('alert/nas'), notification('group/0/a', { alerts: ['x', 'nas'] })],
    })
    expect(queries.alert('no')).toBeUndefined()
  })

  it('are found by the notification that told them', () => {
    const { commit, queries } = openStore()
    const group = notification('group/0/a', { id: 'n1', alerts: ['nas', 'forgotten', 'door'] })
    commit({
      alerts: [alert('nas'), alert('door', { sinceAt: 20, state: 'resolved' }), alert('other')],
      notifications: [group, notification('alert/other', { id: 'n2', alerts: ['other'] })],
    })
    expect(queries.alertsToldBy('n1')?.map(({ key }) => key)).toEqual(['door', 'nas'])
    expect(queries.alertsToldBy('n3')).toBeUndefined()
  })

  it.each([null, ...ALERT_STATES].flatMap((from) => ALERT_STATES.map((to) => ({ from, to }))))(
    'flip from $from to $to as far as that is a legal move',
    ({ from, to }) => {
      const { commit } = openStore()
      const isLegal = from === null ? FIRST.includes(to) : NEXT_ALERT_STATES[from].includes(to)
      expect(commit({ alertFlips: [flip({ from, to })] }) === null).toBe(isLegal)
    },
  )

  it('say who acknowledged them, what silences them, and when they fire, and only then', () => {
    const { commit } = openStore()
    const wrong: Partial<ReturnType<typeof alert>>[] = [
      { state: 'acknowledged' },
      { acknowledgedBy: 'anna' },
      { state: 'silenced' },
      { silencedBy: 'anna' },
      { state: 'pending' },
      { firesAt: 5 },
    ]
    for (const part of wrong) expect(commit({ alerts: [alert('nas', part)] })).toBeInstanceOf(Error)
    expect(commit({ alerts: [alert('nas', { state: 'acknowledged', acknowledgedBy: 'anna' })] })).toBeNull()
  })

  it('go with the history, with their past, unless they are open or something is still to be told', () => {
    const { commit, queries, writer, clock } = openStore({
      history: { keepMs: DAY, maxBytes: null, rules: [] },
    })
    for (let id = 1; id <= 6; id++) writer.commit({ events: [event(id, { at: clock.now() })] })
    const now = clock.now()
    const resolved = { state: 'resolved', sinceAt: now } as const
    commit({
      cursor: 6,
      alerts: [
        alert('open', { sinceAt: now, event: 2, cause: { event: 1, topic: 'a/b' } }),
        // The resolution is told because of its command.
        alert('told', { ...resolved, event: 5 }),
        alert('gone', resolved),
      ],
      alertFlips: ['open', 'told', 'gone'].map((key) => flip({ key, at: now })),
      alertsPublished: ['open', 'told', 'gone'].map((key) => ({ key, version: 1 })),
      notifications: [
        notification('alert/told', { event: 3 }),
        notification('alert/gone', { isClosed: true, telling: null }),
      ],
    })
    clock.advance(3 * DAY)
    for (let round = 0; round < 2; round++) {
      writer.beat()
      while (writer.tidy(false));
      clock.advance(60_000)
    }
    expect(
      queries
        .alerts({ limit: 9 })
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(['open', 'told'])
    expect(queries.alert('gone')).toBeUndefined()
    expect(queries.alert('open')?.flips).toHaveLength(1)
    expect(queries.history({ limit: 9 }).map(({ id }) => id)).toEqual([6, 5, 3, 2, 1])
  })
})

const FIRST: readonly AlertState[] = ['pending', 'firing', 'silenced']
