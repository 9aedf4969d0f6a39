// Covers `src/rules/stages/together.ts`, `src/rules/evaluate/join.ts`.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gather, MOST_WAITING, togetherWakeAt, wakeTogether } from '../../../src/rules/stages/together.ts'
import type { TogetherMemory, TogetherMove } from '../../../src/rules/stages/together.ts'
import type { PresenceChange } from '../../../src/model/run.ts'
import { MOST_KEYS_TOLD } from '../../../src/model/run.ts'

const limits = { windowMs: 10, atLeast: 3 }

interface Step {
  readonly at: number
  readonly key: string
  readonly change?: PresenceChange
}

interface Heard {
  readonly at: number
  readonly change: string | undefined
  readonly keys: readonly string[]
  readonly isJoint: boolean
}

const throughJson = (memory: TogetherMemory): TogetherMemory =>
  JSON.parse(JSON.stringify(memory)) as TogetherMemory

/** Plays steps as an engine does; its memory passes through JSON, as through the store. */
function played(steps: readonly Step[], copied = throughJson) {
  const { windowMs, atLeast } = limits
  let memory: TogetherMemory | undefined
  const heard: Heard[] = []
  const held: string[] = []
  const take = (move: TogetherMove, at: number): void => {
    memory = move.memory && copied(move.memory)
    held.push(...move.held.map(({ reason }) => reason))
    for (const { key, details } of move.on)
      heard.push({
        at,
        change: details?.change,
        keys: details?.together?.keys ?? [key],
        isJoint: details?.together !== undefined,
      })
  }
  const nextAt = (): number => (memory === undefined ? Infinity : togetherWakeAt(memory))
  const wakeUntil = (now: number): void => {
    for (let at = nextAt(); at <= now; at = nextAt())
      take(wakeTogether(memory!, at, { windowMs, atLeast }), at)
  }
  for (const [index, { at, key, change }] of steps.entries()) {
    wakeUntil(at)
    const firing = { key, event: index + 1, expiresAt: null, ...(change && { details: { change } }) }
    take(gather(memory, firing, at, { windowMs, atLeast }), at)
  }
  wakeUntil(100_000)
  return { heard, held, memory }
}

/** Lost and back in turn for each key: what the presence of devices gives. */
const histories = fc
  .array(
    fc.record({ pause: fc.oneof(fc.nat(2), fc.nat(25)), key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') }),
    {
      maxLength: 30,
    },
  )
  .map((all) => {
    const lost = new Set<string>()
    let at = 0
    return all.map(({ pause, key }): Step => {
      at += pause
      const change = lost.has(key) ? 'back' : 'lost'
      if (change === 'lost') lost.add(key)
      else lost.delete(key)
      return { at, key, change }
    })
  })

/** Of plain firings: windows are cut out of the whole list, one after the other. */
function modelOfPlain(steps: readonly Step[]): Heard[] {
  const heard: Heard[] = []
  let rest = [...steps]
  while (rest.length > 0) {
    const end = rest[0]!.at + limits.windowMs
    const window = rest.filter(({ at }) => at < end)
    rest = rest.filter(({ at }) => at >= end)
    const keys = [...new Set(window.map(({ key }) => key))]
    if (keys.length >= limits.atLeast) heard.push({ at: end, change: undefined, keys, isJoint: true })
    else heard.push(...window.map(({ key }) => ({ at: end, change: undefined, keys: [key], isJoint: false })))
  }
  return heard
}

it('joins the firings of each window as a slow model does', () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const plain = steps.map(({ at, key }) => ({ at, key }))
      expect(played(plain).heard).toEqual(modelOfPlain(plain))
    }),
  )
})

/** What somebody knows who believes each message: joint losses end when the last of them is back. */
it('leaves nobody with a wrong belief: at the end exactly those are lost that are', () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const { heard, memory } = played(steps)
      const believed = new Set<string>()
      const twice: string[] = []
      for (const { change, keys } of heard)
        for (const key of keys)
          if (change === 'lost') {
            if (believed.has(key)) twice.push(key)
            believed.add(key)
          } else believed.delete(key)
      const lost = new Set<string>()
      for (const { key, change } of steps)
        if (change === 'lost') lost.add(key)
        else lost.delete(key)
      // Of a joint loss that is not over, those who have returned are not told of yet.
      const untold = new Set(memory?.returned)
      expect([...believed].filter((key) => !untold.has(key)).toSorted()).toEqual([...lost].toSorted())
      expect(memory?.windows ?? {}).toEqual({})
      expect(twice).toEqual([])
    }),
  )
})

describe('twenty devices', () => {
  const names = Array.from({ length: 20 }, (_, index) => `sensor-${index}`)
  const all = (from: number, change: PresenceChange) =>
    names.map((key, index): Step => ({ at: from + Math.floor(index / 5), key, change }))

  it('that are lost within seconds are one firing with the list, and one when all are back', () => {
    const { heard, memory } = played([...all(0, 'lost'), ...all(1_000, 'back')])
    expect(heard).toEqual([
      { at: 10, change: 'lost', keys: names, isJoint: true },
      { at: 1_003, change: 'back', keys: names, isJoint: true },
    ])
    expect(memory).toBeUndefined()
  })

  it('that return one by one over an hour are back when the last one is', () => {
    const slowly = names.map((key, index): Step => ({ at: 1_000 * (index + 1), key, change: 'back' }))
    const { heard, held } = played([...all(0, 'lost'), ...slowly])
    expect(heard.map(({ at, change }) => [at, change])).toEqual([
      [10, 'lost'],
      [20_000, 'back'],
    ])
    expect(held).toContain('1 lost with it are still away')
  })

  it('of which one begins to flap are back without it, because it is told of by itself', () => {
    const rest = names.slice(1).map((key): Step => ({ at: 2_000, key, change: 'back' }))
    const { heard } = played([...all(0, 'lost'), { at: 1_000, key: 'sensor-0', change: 'flapping' }, ...rest])
    expect(heard.map(({ change, keys }) => [change, keys.length])).toEqual([
      ['lost', 20],
      ['flapping', 1],
      ['back', 19],
    ])
  })
})

it('tells of fewer one by one, at the end of the window', () => {
  const { heard } = played([
    { at: 0, key: 'a', change: 'lost' },
    { at: 4, key: 'b', change: 'lost' },
  ])
  expect(heard.map(({ at, keys, isJoint }) => [at, keys, isJoint])).toEqual([
    [10, ['a'], false],
    [10, ['b'], false],
  ])
})

it('says nothing of a loss that was over before it was told', () => {
  const { heard, memory } = played([
    { at: 0, key: 'a', change: 'lost' },
    { at: 4, key: 'a', change: 'back' },
  ])
  expect(heard).toEqual([])
  expect(memory).toBeUndefined()
})

it('bounds what it holds: a full window ends at once, and at most so many keys are told by name', () => {
  const steps = Array.from({ length: MOST_WAITING }, (_, index): Step => ({
    at: 0,
    key: `k${index}`,
    change: 'lost',
  }))
  const { heard } = played(steps, (memory) => memory)
  expect(heard).toHaveLength(1)
  expect(heard[0]).toMatchObject({ at: 0, isJoint: true })
  expect(heard[0]!.keys).toHaveLength(MOST_KEYS_TOLD)
})
