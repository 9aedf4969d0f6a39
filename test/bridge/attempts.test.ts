import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { Attempts } from '../../src/bridge/attempts.ts'
import { Condition } from '../../src/bridge/condition.ts'
import { readableLog } from '../support/log.ts'

const FIRST_MS = 1_000

/** Attempts at the addresses `a` and `b`; those in `up` accept. */
function attemptsAt({ up = [] as string[], prefer = 'any' as 'any' | 'first' }) {
  const clock = new ManualClock(1)
  const tried: string[] = []
  const condition = new Condition({ name: 'far', clock, log: readableLog().log, changed: () => {} })
  const attempts: Attempts = new Attempts({
    settings: { addresses: ['a', 'b'], prefer, reconnect: { first: FIRST_MS, longest: FIRST_MS } },
    clock,
    condition,
    async open(address) {
      tried.push(address)
      if (!up.includes(address)) throw new Error('nobody is there')
      attempts.connected('MQTT', '5.0')
    },
  })
  return { attempts, clock, condition, tried, up }
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

describe('attempts to connect', () => {
  it('go from one address to the next, and begin again after a pause', async () => {
    const { attempts, clock, condition, tried } = attemptsAt({})
    attempts.begin()
    await settled()
    expect(tried).toEqual(['a', 'b'])
    expect(condition.parts).toMatchObject({ state: 'waiting', reason: 'b: nobody is there.' })
    clock.advance(FIRST_MS - 1)
    expect(tried).toHaveLength(2)
    clock.advance(1)
    await settled()
    expect(tried).toEqual(['a', 'b', 'a', 'b'])
  })

  it.each([
    ['any', ['a', 'b', 'b']],
    ['first', ['a', 'b', 'a', 'b']],
  ] as const)('come back to the address that they are to prefer: %s', async (prefer, expected) => {
    const { attempts, clock, tried } = attemptsAt({ up: ['b'], prefer })
    attempts.begin()
    await settled()
    expect(attempts.parts).toMatchObject({ state: 'connected', address: 'b', version: '5.0' })
    attempts.ended('it closed the connection')
    expect(attempts.parts).toMatchObject({ state: 'waiting', reason: 'b: it closed the connection.' })
    clock.advance(FIRST_MS)
    await settled()
    expect(tried).toEqual(expected)
  })

  it('end when the bridge stops in a pause', async () => {
    const { attempts, clock, tried } = attemptsAt({})
    attempts.begin()
    await settled()
    await attempts.stop(async () => {})
    clock.advance(10 * FIRST_MS)
    await settled()
    expect(tried).toEqual(['a', 'b'])
    expect(attempts.parts.state).toBe('stopped')
  })

  it('end when the bridge stops in the midst of one, and what it has connected is closed', async () => {
    const clock = new ManualClock(1)
    const condition = new Condition({ name: 'far', clock, log: readableLog().log, changed: () => {} })
    const accepted = Promise.withResolvers<void>()
    let isOpen = false
    let signal: AbortSignal | undefined
    const attempts = new Attempts({
      settings: { addresses: ['a'], prefer: 'any', reconnect: { first: FIRST_MS, longest: FIRST_MS } },
      clock,
      condition,
      async open(_address, given) {
        signal = given
        await accepted.promise
        isOpen = true
      },
    })
    attempts.begin()
    const stopped = attempts.stop(async () => {
      isOpen = false
    })
    expect(signal?.aborted).toBe(true)
    accepted.resolve()
    await stopped
    expect(isOpen).toBe(false)
    attempts.ended('it closed the connection')
    expect(condition.state).toBe('stopped')
    expect(clock.nextAt).toBeNull()
  })
})
