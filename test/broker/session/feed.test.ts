import { expect, it } from 'vitest'
import { messageFrom } from '../../../src/broker/message/message.ts'
import { Feed } from '../../../src/broker/session/feed.ts'
import type { Owed } from '../../../src/broker/session/owed.ts'

const message = messageFrom({
  topic: 't',
  payload: Buffer.of(),
  properties: null,
  qos: 2,
  retain: true,
  at: 0,
})

function begin(givenBefore: ReadonlySet<number> | null = null) {
  const told: string[] = []
  const owner = {
    fed: (filter: string, event: number) => void told.push(`fed ${filter} ${event}`),
    endFeed: (feed: Feed) => void told.push(`ended ${feed.filter}`),
  }
  const feed = new Feed({ owner, filter: 't', upTo: 9, givenBefore })
  const owed = (event: number, qos: 1 | 2): Owed => ({
    message,
    event,
    qos,
    retain: true,
    identifiers: [],
    via: feed,
  })
  return { feed, told, owed }
}

it('ends when all is given, and all that was given at QoS 1 is acknowledged', () => {
  const { feed, told, owed } = begin()
  feed.given(1, 1, owed(4, 1))
  feed.given(1, 2, owed(5, 1))
  feed.acknowledged()
  feed.spend()
  expect(told).toEqual([])
  feed.acknowledged()
  expect(told).toEqual(['ended t'])
})

it('records what it gives at QoS 2 and does not wait for it, as the handshake answers for the message', () => {
  const { feed, told, owed } = begin()
  feed.given(1, 1, owed(4, 2))
  feed.given(1, 2, owed(0, 2))
  feed.spend()
  expect(told).toEqual(['fed t 4', 'ended t'])
})

it('may repeat what it gave only if it began before the hub last stopped', () => {
  expect([begin().feed.mayRepeat, begin(new Set()).feed.mayRepeat]).toEqual([false, true])
})
