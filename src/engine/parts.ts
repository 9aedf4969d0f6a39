// The parts of an engine that act of their own accord, without an event, while it is in charge: schedules
// tick, expected messages are missed, pings and process watches look, agents are told what belongs to their
// hosts, services are asked who has acknowledged, and what removed rules have left is cleared.

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Publication } from '../model/event.ts'
import type { EngineReads } from '../model/store.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { Receipts } from './alerts/receipts.ts'
import type { ReceiptPorts, ReceiptStore } from './alerts/receipts.ts'
import { Hosts } from './hosts/hosts.ts'
import { Leftovers } from './tell/leftovers.ts'
import { Pings } from '../watch/pings/pings.ts'
import { ProcessWatches } from '../watch/processes/processes.ts'
import type { WatchStore } from '../watch/processes/watch-memory.ts'
import type { WatchSpec } from '../model/watch.ts'
import type { UserCode } from './contain/user-code.ts'
import type { LoadedRules } from './load/load-rules.ts'
import { Expectations } from './plan/expectations.ts'
import type { RuleMemory } from './plan/rule-memory.ts'
import { Schedule } from './plan/schedule.ts'
import type { ThreadData } from './protocol.ts'

/** What begins and ends with the engine's being in charge. */
export interface Part {
  start(): void
  stop(): Promise<void>
}

export interface Parts {
  readonly schedule: Schedule
  readonly expectations: Expectations
  readonly pings: Pings
  readonly watches: ProcessWatches
  readonly hosts: Hosts
  /** All of them, in the order in which they begin and end. */
  readonly all: readonly Part[]
}

export interface PartPorts {
  readonly data: Pick<ThreadData, 'root'>
  readonly clock: Clock
  readonly log: Log
  readonly reads: EngineReads
  readonly secrets: Secrets
  readonly channels: ReceiptPorts['channels']
  readonly shownFiring: ReceiptPorts['shownFiring']
  readonly memory: RuleMemory
  readonly userCode: UserCode
  readonly publish: (publication: Publication) => Promise<number>
  /** Commits what the parts have had remembered. */
  readonly flush: () => Promise<void>
  /** Whether people have paused a rule. */
  readonly isPaused: (rule: string) => boolean
}

export function openParts({ rules, report }: LoadedRules, given: PartPorts): Parts {
  const {
    data,
    clock,
    log,
    reads,
    secrets,
    channels,
    shownFiring,
    memory,
    userCode,
    publish,
    flush,
    isPaused,
  } = given
  const ports = { root: data.root, clock, log, publish }
  const last = (topic: string): Uint8Array | undefined =>
    reads.lastOn(topic, Number.MAX_SAFE_INTEGER)?.payload
  const containing = (kind: 'ping' | 'rule') => ({
    within: <T>(name: string, code: () => T): T => userCode.withinUnit(kind, name, code),
    isLeftAlone: (name: string): boolean => userCode.isLeftAlone(kind, name),
  })
  const schedule = new Schedule(rules.schedules, { ...ports, memory, last, flush, isPaused })
  const expectations = new Expectations(rules.expectations, { ...ports, memory, flush, isPaused })
  const isHere = ({ host }: { readonly host?: string }): boolean => host === undefined
  const pings = new Pings(rules.pings.filter(isHere), { ...ports, ...containing('ping'), last, secrets })
  // A watch and the rule on what it reports are one.
  const store = openWatchStore(rules.watches, report, { memory, flush })
  const watches = new ProcessWatches(rules.watches.filter(isHere), {
    ...ports,
    ...containing('rule'),
    last,
    store,
  })
  const hosts = new Hosts(rules, { ...ports, last })
  const references = rules.pings.filter(({ isReference }) => isReference).map(({ name }) => name)
  const receipts = new Receipts({
    ...ports,
    channels,
    secrets,
    shownFiring,
    store: openReceiptStore({ memory, flush }),
  })
  const leftovers = new Leftovers({ ...report, references }, { ...ports, reads })
  const all = [schedule, expectations, pings, watches, hosts, receipts, leftovers]
  return { schedule, expectations, pings, watches, hosts, all }
}

/** Rules cannot have these names. */
const WATCH_MEMORY = '@watch-holds'
const RECEIPT_MEMORY = '@receipts'

/** What the watches remember, beside what the rules do. */
function openWatchStore(
  watches: readonly WatchSpec[],
  { failures }: LoadedRules['report'],
  { memory, flush }: Pick<PartPorts, 'memory' | 'flush'>,
): WatchStore {
  const store: WatchStore = {
    read: (watch) => memory.state({ rule: WATCH_MEMORY, key: watch }),
    keep: (watch, state) => memory.keep({ rule: WATCH_MEMORY, key: watch }, { state, wakeAt: null }),
    flush,
  }
  // A file that does not load may declare the others.
  const declared = new Set(watches.map(({ name }) => name))
  if (failures.length === 0)
    for (const watch of memory.keysOf(WATCH_MEMORY)) if (!declared.has(watch)) store.keep(watch, null)
  return store
}

/** What was acknowledged in the services of channels. */
const openReceiptStore = ({ memory, flush }: Pick<PartPorts, 'memory' | 'flush'>): ReceiptStore => ({
  ids: () => memory.keysOf(RECEIPT_MEMORY),
  read: (id) => memory.state({ rule: RECEIPT_MEMORY, key: id })?.['handle'],
  keep: (id, handle) => memory.keep({ rule: RECEIPT_MEMORY, key: id }, { state: { handle }, wakeAt: null }),
  drop: (id) => memory.keep({ rule: RECEIPT_MEMORY, key: id }, { state: null, wakeAt: null }),
  flush,
})
