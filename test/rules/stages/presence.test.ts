// Covers `src/rules/stages/presence.ts`, `src/rules/stages/flap-score.ts`, `src/rules/authoring/triggers/presence.ts`.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { availability } from '../../../src/rules/authoring/triggers/availability.ts'
import { client } from '../../../src/rules/authoring/triggers/client.ts'
import { compileOne, Driver } from '../drive.ts'
import { END, messages } from '../sequences.ts'
import type { Message } from '../sequences.ts'

const wordOf = (value: number) => (value === 0 ? 'online' : 'offline')
const following = { grace: '10ms', flapping: { above: 2.3, until: 0.7, halfLife: '20ms' } } as const
const on = availability('t/+id', undefined, following)

type Told = readonly (readonly [at: number, change: string | undefined])[]

const told = ({ firings }: Driver): Told => firings.map(({ at, details }) => [at, details?.change])

/** Every millisecond is looked at, one after the other; what is due comes before what is said. */
function model(sequence: readonly Message[]): Told {
  const all: (readonly [number, string])[] = []
  const byMoment = Map.groupBy(sequence, ({ at }) => at)
  let goneAt: number | undefined
  let state = 'here'
  let score = 0
  for (let now = 0; now <= 1_500; now++) {
    score *= 2 ** (-1 / 20)
    const isOver = goneAt !== undefined && now >= goneAt + 10
    const say = (change: string, next: string): void => {
      all.push([now, change])
      state = next
    }
    if (state === 'flapping' && score <= 0.7 && (goneAt === undefined || isOver))
      say(isOver ? 'lost' : 'steady', isOver ? 'lost' : 'here')
    else if (state === 'here' && isOver) say('lost', 'lost')
    for (const { value } of byMoment.get(now) ?? [])
      if (value === 0) {
        if (state === 'lost') say('back', 'here')
        goneAt = undefined
      } else if (goneAt === undefined) {
        goneAt = now
        score = Math.min(score + 1, 4.6)
        if (state === 'here' && score >= 2.3) say('flapping', 'flapping')
      }
  }
  return all
}

it('tells of each loss, return and fit of flapping as a slow model does', () => {
  fc.assert(
    fc.property(messages(), (sequence) => {
      const driver = new Driver({ on })
      for (const { at, value } of sequence) driver.send(at, wordOf(value))
      driver.wakeUntil(END)
      expect(told(driver)).toEqual(model(sequence))
    }),
    { numRuns: 200 },
  )
})

it('tells the same when a hub reads the journal on after a crash', () => {
  fc.assert(
    fc.property(messages(), (sequence) => {
      const driver = new Driver({ on })
      for (const { at, value } of sequence) driver.sendWithoutWakes(at, wordOf(value))
      driver.wakeUntil(END)
      expect(told(driver)).toEqual(model(sequence))
      expect(driver.kept().state === null || driver.kept().state!.includes('lost')).toBe(true)
    }),
    { numRuns: 100 },
  )
})

describe('a client', () => {
  const presence = (state: 'online' | 'offline', reason: string | null = null) => ({ state, reason })
  const topic = 'vigie/clients/s-1'
  const begin = (options: Parameters<typeof client>[1], more = {}) => {
    const driver = new Driver({ on: client('s-*', options), ...more })
    return {
      driver,
      comes: (at: number) => driver.send(at, presence('online'), { topic }),
      goes: (at: number, reason = 'socket') => driver.send(at, presence('offline', reason), { topic }),
    }
  }

  it('is not lost when it returns within the grace', () => {
    const { driver, comes, goes } = begin({ grace: '2m' })
    expect(goes(0).reason).toBe('lost if it does not return within 2m')
    expect(comes(119_999).reason).toBe('it returned within 2m')
    driver.wakeUntil(END * 1_000)
    expect(driver.firings).toEqual([])
  })

  it('is lost after the grace, with the message by which it went, and back once', () => {
    const { driver, comes, goes } = begin({ grace: '2m' })
    goes(0)
    comes(500_000)
    comes(500_001)
    expect(driver.firings).toMatchObject([
      { at: 120_000, event: 1, key: 's-1', details: { change: 'lost' } },
      { at: 500_000, event: 2, details: { change: 'back' } },
    ])
  })

  it.each([
    ['offline', ['lost']],
    ['online', ['back']],
  ] as const)('fires for one side only with state %s', (state, changes) => {
    const { driver, comes, goes } = begin({ state, grace: '2m' })
    goes(0)
    comes(500_000)
    expect(told(driver).map(([, change]) => change)).toEqual(changes)
  })

  it('that is new is not back', () => {
    const { driver, comes } = begin({ grace: '2m' })
    expect(comes(0).reason).toBe('it was not lost')
    expect(driver.firings).toEqual([])
  })

  it('is asked about by the conditions only when it goes: a return always ends the loss', () => {
    const { driver, comes, goes } = begin(
      { grace: '2m' },
      { when: ({ payload }: { payload: unknown }) => (payload as { reason: string }).reason === 'socket' },
    )
    goes(0, 'clean')
    comes(500_000)
    goes(600_000, 'socket')
    comes(900_000)
    expect(told(driver)).toEqual([
      [720_000, 'lost'],
      [900_000, 'back'],
    ])
  })

  it('gets its whole grace anew after a hub that stopped, and is lost if it does not come', () => {
    const { driver, goes } = begin({ grace: '2m' })
    goes(0, 'stopped')
    driver.downtime(10_000, 5_000_000)
    driver.wakeUntil(5_119_999)
    expect(driver.firings).toEqual([])
    driver.wakeUntil(5_120_000)
    expect(told(driver)).toEqual([[5_120_000, 'lost']])
  })

  it('does not flap because the hub restarts again and again', () => {
    const { driver, comes, goes } = begin({ grace: '2m', flapping: true })
    for (let at = 0; at < 600_000; at += 60_000) {
      goes(at, 'stopped')
      comes(at + 10_000)
    }
    expect(driver.firings).toEqual([])
  })

  it('flaps at its fourth departure within some minutes, and is steady when the score has come down', () => {
    const { driver, comes, goes } = begin({ grace: '2m', flapping: true })
    for (let at = 0; at < 3_600_000; at += 60_000) {
      goes(at)
      comes(at + 1_000)
    }
    driver.wakeUntil(10 * 3_600_000)
    const [begins, ends, ...rest] = told(driver)
    expect(begins).toEqual([180_000, 'flapping'])
    expect(ends![1]).toBe('steady')
    // From twice the limit (6) to 1 a score needs 2.6 half-lives.
    expect(ends![0] - 3_541_000).toBeGreaterThan(1_500_000)
    expect(ends![0] - 3_541_000).toBeLessThan(1_600_000)
    expect(rest).toEqual([])
    expect(driver.kept('s-1').state).toBeNull()
  })

  it('that stays away at the end of its flapping is lost, not steady', () => {
    const { driver, comes, goes } = begin({ grace: '2m', flapping: true })
    for (let at = 0; at < 300_000; at += 60_000) {
      goes(at)
      comes(at + 1_000)
    }
    goes(300_000)
    driver.wakeUntil(10 * 3_600_000)
    expect(told(driver).map(([, change]) => change)).toEqual(['flapping', 'lost'])
  })

  it('that nobody waits for any more, because its presence was cleared, is not lost', () => {
    const { driver, goes } = begin({ grace: '2m' })
    goes(0)
    driver.send(1_000, '', { topic })
    driver.wakeUntil(END * 1_000)
    expect(driver.firings).toEqual([])
  })
})

it.each([
  [client('a', { grace: 'soon' as never }), '"soon" is not a duration'],
  [client('a', { flapping: { above: 1, until: 2 } }), 'expected until above 0 and below above'],
  [client('a', { flapping: 3 as never }), 'flapping: expected true or { above, until, halfLife }, got 3'],
  [[client('a', { grace: '1m' }), 't/x'], 'stands alone; make it two rules'],
])('refuses %o with a sentence', (wrong, sentence) => {
  expect(() => compileOne({ on: wrong })).toThrow(sentence)
})

it('has a length of its own, beside which there is no other', () => {
  expect(() => compileOne({ on: client('a', { grace: '1m' }), for: '2m' })).toThrow('has its own grace')
})
