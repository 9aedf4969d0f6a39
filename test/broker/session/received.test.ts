import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { AT_ONCE } from '../../../src/model/store.ts'
import { Session } from '../../../src/broker/session/session.ts'
import { SessionJournal } from '../../../src/broker/session/session-journal.ts'
import { MemoryEventLog } from '../memory-event-log.ts'

const clock = new ManualClock()

function aSession({ outlives }: { outlives: boolean }) {
  const eventLog = new MemoryEventLog('by hand')
  const { sessionLog } = eventLog
  const session = new Session('c', 1)
  session.setExpiry(outlives ? 60 : 0, new SessionJournal({ sessionLog, eventLog, clock }))
  const kinds = (): string[] => sessionLog.changes.map(({ kind }) => kind)
  return { session, received: session.received, sessionLog, kinds }
}

it('knows a QoS 2 message by its packet identifier until the client releases it', () => {
  const { received } = aSession({ outlives: false })
  expect([received.has(7), received.size]).toEqual([false, 0])
  received.took(7, 21)
  expect([received.has(7), received.has(8), received.size]).toEqual([true, false, 1])
  received.letGo(7)
  expect([received.has(7), received.size]).toEqual([false, 0])
})

it('records both ends of a QoS 2 handshake, and says when the second is committed', () => {
  const { received, sessionLog, kinds } = aSession({ outlives: true })
  received.took(7, 21)
  const mark = received.letGo(7)
  expect(kinds()).toEqual(['opened', 'took', 'let-go'])
  expect(mark).toBe(sessionLog.marks.at(-1))
})

it('records no handshake of a message without an event, or of a session that ends with its connection', () => {
  const lasting = aSession({ outlives: true })
  lasting.received.took(7, AT_ONCE)
  expect([lasting.received.letGo(7), lasting.kinds()]).toEqual([AT_ONCE, ['opened']])
  const passing = aSession({ outlives: false })
  passing.received.took(7, 21)
  expect([passing.received.letGo(7), passing.kinds()]).toEqual([AT_ONCE, []])
})

it('releases what it was restored with through the journal, which still holds it', () => {
  const { received, kinds } = aSession({ outlives: true })
  received.restore([7])
  expect(received.has(7)).toBe(true)
  expect(received.letGo(7)).not.toBe(AT_ONCE)
  expect(kinds()).toEqual(['opened', 'let-go'])
})

it('tells the event of an unanswered QoS 1 message once', () => {
  const { received } = aSession({ outlives: true })
  expect(received.takeUnanswered(7)).toBeUndefined()
  received.leaveUnanswered(new Map([[7, 21]]))
  expect([received.takeUnanswered(7), received.takeUnanswered(7)]).toEqual([21, undefined])
})
