// A broker of its own for one test: on a free port, with an event log in memory, stopped when the test ends.

import { onTestFinished } from 'vitest'
import type { Clock } from '../../src/base/clock.ts'
import { systemClock } from '../../src/base/clock.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { type Broker, createBroker } from '../../src/broker/broker.ts'
import type { Limits } from '../../src/broker/bounds/limits.ts'
import type { ClockSet } from '../../src/model/clock-behind.ts'
import type { StoredSessions } from '../../src/model/session.ts'
import type { RetainedMessage } from '../../src/model/store.ts'
import { MemoryEventLog } from './memory-event-log.ts'

export interface TestBrokerOptions {
  readonly eventLog?: MemoryEventLog
  readonly clock?: Clock
  readonly log?: Log
  readonly limits?: Partial<Limits>
  readonly retained?: readonly RetainedMessage[]
  readonly sessions?: StoredSessions
  readonly diedAt?: number
  readonly clockSets?: readonly ClockSet[]
  readonly root?: string
  readonly hiddenRoot?: string | null
  readonly isRecorded?: (topic: string) => boolean
  readonly hubId?: string
}

export interface TestBroker {
  readonly broker: Broker
  readonly eventLog: MemoryEventLog
  readonly port: number
}

export async function startTestBroker(options: TestBrokerOptions = {}): Promise<TestBroker> {
  const eventLog = options.eventLog ?? new MemoryEventLog()
  const broker = createBroker({
    eventLog,
    retained: options.retained ?? [],
    sessionLog: eventLog.sessionLog,
    sessions: options.sessions ?? { sessions: [], shares: [], wills: [], lastNumber: 0 },
    diedAt: options.diedAt ?? null,
    clockSets: options.clockSets,
    clock: options.clock ?? systemClock,
    log: options.log ?? silentLog,
    root: options.root ?? 'vigie',
    hiddenRoot: options.hiddenRoot === undefined ? (options.root ?? 'vigie') : options.hiddenRoot,
    version: '0.0.0',
    hubId: options.hubId,
    limits: options.limits,
    isRecorded: options.isRecorded ?? (() => true),
  })
  onTestFinished(() => broker.stop())
  const { port } = await broker.listen({ host: '127.0.0.1', port: 0 })
  return { broker, eventLog, port }
}
