import { describe, expect, it } from 'vitest'
import {
  type Claim,
  isWithin,
  leavesDebt,
  mayBeOwed,
  type Owable,
  owedAt,
  type Standing,
} from '../../src/model/owed-events.ts'

const session: Standing = { client: 'a', acknowledgedUpTo: 10, sentUpTo: 15, owedUpTo: 20 }
const claim: Claim = { qos: 2, noLocal: false, since: 5, upTo: Infinity }
const event: Owable = { id: 12, qos: 1, client: 'b' }

describe('an event is owed to a session', () => {
  it.each<[what: string, Partial<Owable>, Partial<Claim>[], qos: number]>([
    ['at its own QoS', { qos: 1 }, [{ qos: 2 }], 1],
    ['at the QoS that is asked for', { id: 16, qos: 2 }, [{ qos: 1 }], 1],
    ['at the highest QoS of several', { id: 16, qos: 2 }, [{ qos: 1 }, { qos: 2 }], 2],
    ['not at QoS 0', { qos: 0 }, [{}], 0],
    ['not without a subscription', {}, [], 0],
    ['not if it is settled', { id: 10 }, [{}], 0],
    ['if it is the first that is not settled', { id: 11 }, [{}], 1],
    ['up to the last for which the queue had room', { id: 20 }, [{}], 1],
    ['not after the queue was full', { id: 21 }, [{}], 0],
    ['not if it came before the subscription', { id: 12 }, [{ since: 12 }], 0],
    ['if it is the first after the subscription', { id: 12 }, [{ since: 11 }], 1],
    ['if it is the last before the subscription was removed', { id: 12 }, [{ upTo: 12 }], 1],
    ['not after the subscription was removed', { id: 12 }, [{ upTo: 11 }], 0],
    ['not if it is its own, with No Local', { client: 'a' }, [{ noLocal: true }], 0],
    ["if it is another's, with No Local", { client: 'b' }, [{ noLocal: true }], 1],
    ['if it is its own, and one of two is without No Local', { client: 'a' }, [{ noLocal: true }, {}], 1],
    ['at QoS 2 only after the newest that was sent', { id: 15, qos: 2 }, [{}], 0],
    ['at QoS 2 if it was not sent', { id: 16, qos: 2 }, [{}], 2],
    ['at QoS 1 also if it was sent', { id: 15, qos: 2 }, [{ qos: 1 }], 1],
  ])('%s', (_what, changed, claims, qos) => {
    const asked = claims.map((fields) => Object.assign({}, claim, fields))
    expect(owedAt({ ...event, ...changed }, session, asked)).toBe(qos)
  })
})

it('may be owed, for all that pruning knows, if it is at any QoS and from any client', () => {
  for (const id of [5, 10, 11, 12, 15, 20, 21])
    for (const noLocal of [true, false])
      for (const upTo of [12, Infinity]) {
        const asked = [{ ...claim, noLocal, upTo }]
        const isOwed = ([1, 2] as const).some((qos) =>
          ['a', 'b', null].some((client) => owedAt({ id, qos, client }, session, asked) > 0),
        )
        expect(mayBeOwed(id, session, asked)).toBe(isOwed)
      }
})

it('is within a subscription that stands from the event after it was made on', () => {
  expect([5, 6, 1_000].map((id) => isWithin(id, { since: 5 }))).toEqual([false, true, true])
})

it('is owed by a subscription that ends only at QoS 1 or 2, not to a share, and if anything has come since', () => {
  const subscription = { filter: 'a', qos: 1, since: 5 } as const
  expect(leavesDebt(subscription, 6)).toBe(true)
  expect(leavesDebt(subscription, 5)).toBe(false)
  expect(leavesDebt({ ...subscription, qos: 0 }, 6)).toBe(false)
  expect(leavesDebt({ ...subscription, filter: '$share/g/a' }, 6)).toBe(false)
})
