import { expect, it } from 'vitest'
import type { StoredSubscription } from '../../../src/model/session.ts'
import { ManualClock } from '../../../src/base/clock.ts'
import { Feed } from '../../../src/broker/session/feed.ts'
import { Session, type Subscription } from '../../../src/broker/session/session.ts'
import { SessionJournal } from '../../../src/broker/session/session-journal.ts'
import { MemoryEventLog } from '../memory-event-log.ts'

const clock = new ManualClock()

const stored: StoredSubscription = {
  filter: 't',
  qos: 1,
  noLocal: false,
  retainAsPublished: false,
  identifier: 0,
  since: 0,
  retainedUpTo: 0,
}

function aSession() {
  const eventLog = new MemoryEventLog('by hand')
  const { sessionLog } = eventLog
  const session = new Session('c', 1)
  session.setExpiry(60, new SessionJournal({ sessionLog, eventLog, clock }))
  const subscribe = (fields: Partial<StoredSubscription> = {}): Subscription => {
    const subscription = { ...stored, ...fields, session }
    session.subscribe(subscription)
    return subscription
  }
  const feed = (filter: string): Feed => {
    const one = new Feed({ owner: session.subscriptions, filter, upTo: 0, givenBefore: null })
    session.subscriptions.beginFeed(one)
    return one
  }
  return { session, subscriptions: session.subscriptions, subscribe, feed, eventLog, sessionLog }
}

/** An event comes by the subscriptions, and is under way to the client. */
function owe({ eventLog, session }: ReturnType<typeof aSession>): void {
  eventLog.lastId = 5
  session.inflight.take(6, 1)
}

it('replaces a subscription to the same filter, and records it without its session', () => {
  const { subscriptions, subscribe, sessionLog } = aSession()
  subscribe()
  const second = subscribe({ identifier: 9 })
  expect([...subscriptions.values()]).toEqual([second])
  expect(sessionLog.changes.at(-1)).toEqual({
    kind: 'subscribed',
    session: 1,
    subscription: { ...stored, identifier: 9 },
  })
})

it('remembers what it had asked for while an event that came by that is owed', () => {
  const world = aSession()
  const { subscriptions, subscribe } = world
  subscribe()
  owe(world)
  subscribe({ qos: 2 })
  expect(subscriptions.past).toMatchObject([{ filter: 't', qos: 1, upTo: 5 }])
  subscriptions.forgetPast(4)
  expect(subscriptions.past).toHaveLength(1)
  subscriptions.forgetPast(5)
  expect(subscriptions.past).toEqual([])
})

it('remembers nothing where nothing is owed', () => {
  const { subscriptions, subscribe, eventLog } = aSession()
  subscribe()
  eventLog.lastId = 5
  expect(subscriptions.remove('t')).toMatchObject({ filter: 't' })
  expect([subscriptions.past, subscriptions.remove('t'), subscriptions.size]).toEqual([[], undefined, 0])
})

it('remembers at most a thousand of them, however often a client changes its mind', () => {
  const world = aSession()
  owe(world)
  for (let change = 0; change < 1_100; change++) world.subscribe({ qos: change % 2 === 0 ? 1 : 2 })
  expect(world.subscriptions.past).toHaveLength(1_000)
})

it('records the end of a feed, unless a later one of the same filter has taken its place', () => {
  const { subscribe, feed, sessionLog, subscriptions } = aSession()
  const ends = (): number => sessionLog.changes.filter(({ kind }) => kind === 'feed-ended').length
  subscribe({ retainedUpTo: 3 })
  const first = feed('t')
  const second = feed('t')
  first.spend()
  expect([ends(), subscriptions.feeds?.get('t')]).toEqual([0, second])
  second.spend()
  expect([ends(), subscriptions.feeds]).toEqual([1, undefined])
})
