// Covers `src/broker/routing/routing.ts`, `src/broker/session/target.ts`, `src/broker/session/share.ts`.

import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { SessionJournal } from '../../../src/broker/session/session-journal.ts'
import { DEFAULT_LIMITS } from '../../../src/broker/bounds/limits.ts'
import { Routes } from '../../../src/broker/routing/routing.ts'
import { Session, type Subscription } from '../../../src/broker/session/session.ts'
import { Turns } from '../../../src/broker/bounds/turns.ts'
import { hidesRoot } from '../../../src/topics/hidden.ts'
import { MqttError } from '../../../src/mqtt/mqtt-error.ts'
import { MemoryEventLog } from '../memory-event-log.ts'

const eventLog = new MemoryEventLog('by hand')
const journal = new SessionJournal({ sessionLog: eventLog.sessionLog, eventLog, clock: new ManualClock(0) })

const start = (): Routes =>
  new Routes({
    limits: { ...DEFAULT_LIMITS, topicBytes: 20, topicLevels: 4 },
    root: 'vigie',
    hides: hidesRoot('vigie'),
    isRecorded: (topic) => topic.startsWith('kept/'),
    journal,
    turns: new Turns(),
  })

const subscription = (
  session: Session,
  filter: string,
  options: Partial<Subscription> = {},
): Subscription => ({
  session,
  filter,
  qos: 0,
  noLocal: false,
  retainAsPublished: false,
  identifier: 0,
  since: 0,
  retainedUpTo: 0,
  ...options,
})

it('finds one target for each session, with the best of its subscriptions and all their identifiers', () => {
  const routes = start()
  const [a, b] = [new Session('a'), new Session('b')]
  routes.add(subscription(a, 't/#', { qos: 1, identifier: 5 }))
  routes.add(subscription(a, 't/+', { qos: 2, retainAsPublished: true, identifier: 6 }))
  routes.add(subscription(a, 't/u'))
  routes.add(subscription(b, 't/u'))
  const { targets } = routes.of('t/u')
  expect(targets).toHaveLength(2)
  const target = targets.find(({ session }) => session === a)!
  expect(target).toMatchObject({ qos: 2, retainAsPublished: true })
  expect(target.identifiers.toSorted((one, other) => one - other)).toEqual([5, 6])
})

it('gives a session its own messages only through subscriptions without No Local', () => {
  const routes = start()
  const a = new Session('a')
  routes.add(subscription(a, 't', { qos: 2, noLocal: true }))
  expect(routes.of('t').targets[0]!.own).toBeNull()
  routes.add(subscription(a, '+', { qos: 1 }))
  expect(routes.of('t').targets[0]).toMatchObject({ qos: 2, own: { qos: 1 } })
})

it('answers anew when subscriptions, interest or the life of a session change', () => {
  const routes = start()
  const a = new Session('a')
  const only = subscription(a, 't', { qos: 1 })
  expect(routes.of('t')).toMatchObject({ targets: [], wanted: false, owed: false, recorded: false })
  routes.add(only)
  expect(routes.of('t').targets).toHaveLength(1)
  a.setExpiry(60, journal)
  routes.refresh()
  expect(routes.of('t').owed).toBe(true)
  routes.setInterest('rules', ['+'])
  expect(routes.of('t').wanted).toBe(true)
  routes.setInterest('rules', [])
  routes.remove(only)
  expect(routes.of('t')).toMatchObject({ targets: [], wanted: false, owed: false })
  expect(routes.of('kept/t').recorded).toBe(true)
})

it('closes the root and $SYS to clients, and nothing that only looks like them', () => {
  const routes = start()
  const topics = ['vigie', 'vigie/x', '$SYS', '$SYS/x', 'vigies/x', '$SYSTEM', 'x/vigie']
  const isClosed = (topic: string): boolean => routes.of(topic).closed
  expect(topics.filter(isClosed)).toEqual(['vigie', 'vigie/x', '$SYS', '$SYS/x'])
  // A bridge tells its state; nobody could ever subscribe to a topic of this name.
  expect(['$SYS/broker/connection/x/state', '$share/g/x'].map(isClosed)).toEqual([false, true])
})

describe('a topic that no message may have', () => {
  it.each([
    ['x'.repeat(21), 0x90],
    ['a/b/c/d/e', 0x90],
    ['a/+', 0x90],
    ['a\0b', 0x81],
  ])('is refused: %o', (topic, reason) => {
    const routes = start()
    const refusal = (): unknown => {
      try {
        return routes.of(topic)
      } catch (error) {
        return error
      }
    }
    expect(refusal()).toBeInstanceOf(MqttError)
    expect(refusal()).toMatchObject({ reason })
  })
})
