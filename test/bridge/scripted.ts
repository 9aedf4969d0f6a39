// A bridge against a far side that a test plays byte by byte, and a journal in memory.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type Bridge as OneBridge, Bridge } from '../../src/bridge/bridge.ts'
import { Condition } from '../../src/bridge/condition.ts'
import type { Arrival } from '../../src/bridge/flow/inward.ts'
import type { BridgeSettings } from '../../src/bridge/settings.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import type { BridgeChange, OwedRetained, StoredBridge } from '../../src/model/bridge.ts'
import type { Event } from '../../src/model/event.ts'
import { hidesRoot } from '../../src/topics/hidden.ts'
import { event } from '../journal/nouns.ts'
import { whenOver } from '../support/lifetime.ts'
import { readableLog } from '../support/log.ts'

/** One connection, as the far side sees it. */
export interface Line {
  readonly socket: Socket
  /** Sends bytes; spaces are for the reader. */
  say(hex: string): void
  /** Resolves with the next bytes, as many as the expected ones, as hex with the same spaces. */
  hear(hex: string): Promise<string>
  /** Resolves with all that has come, as hex, once this is in it. */
  until(hex: string): Promise<string>
  /** Resolves with what has come after a while: to show that something does not come. */
  rest(): Promise<string>
}

export interface FarSide {
  readonly address: string
  /** The next connection. */
  line(): Promise<Line>
}

const bare = (hex: string): string => hex.replaceAll(/\s/g, '')

export async function farSide(): Promise<FarSide> {
  const lines: Line[] = []
  const waiting: ((line: Line) => void)[] = []
  const server = createServer((socket) => {
    const line = lineOf(socket)
    const next = waiting.shift()
    if (next) next(line)
    else lines.push(line)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  whenOver(() => void server.close())
  return {
    address: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    line: () => {
      const line = lines.shift()
      return line ? Promise.resolve(line) : new Promise((resolve) => waiting.push(resolve))
    },
  }
}

function lineOf(socket: Socket): Line {
  let bytes = Buffer.alloc(0)
  let look = (): void => {}
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    look()
  })
  whenOver(() => void socket.destroy())
  return {
    socket,
    say: (hex) => void socket.write(Buffer.from(bare(hex), 'hex')),
    hear: (hex) =>
      new Promise((resolve) => {
        const wanted = bare(hex).length / 2
        look = () => {
          if (bytes.length < wanted) return
          const heard = bytes.subarray(0, wanted).toString('hex')
          bytes = bytes.subarray(wanted)
          look = () => {}
          let at = 0
          resolve(hex.replaceAll(/[^\s]/g, () => heard[at++]!))
        }
        look()
      }),
    until: (hex) =>
      new Promise((resolve) => {
        look = () => {
          const heard = bytes.toString('hex')
          if (!heard.includes(bare(hex))) return
          bytes = Buffer.alloc(0)
          look = () => {}
          resolve(heard)
        }
        look()
      }),
    async rest() {
      await new Promise((resolve) => setTimeout(resolve, 30))
      const rest = bytes.toString('hex')
      bytes = Buffer.alloc(0)
      return rest
    },
  }
}

export interface Played {
  readonly bridge: OneBridge
  readonly changes: readonly BridgeChange[]
  readonly arrivals: readonly Arrival[]
  readonly log: ReturnType<typeof readableLog>
  /** Adds an event to the journal, committed. */
  happens(id: number, rest: Partial<Event>): void
  /** Commits what was appended. */
  commit(): void
  /** What is appended from now on waits for `commit`. */
  hold(): void
  /** Resolves when the bridge is so. */
  until(fits: (bridge: OneBridge) => boolean): Promise<void>
}

/** A bridge to the address, on top of what an earlier hub has stored. */
export function play(
  settings: Partial<BridgeSettings> & Pick<BridgeSettings, 'addresses'>,
  {
    stored = {},
    events = [],
    retained = [],
    echoProblem,
    clock = systemClock,
  }: {
    stored?: Partial<StoredBridge>
    events?: Event[]
    retained?: OwedRetained[]
    echoProblem?: string
    clock?: Clock
  } = {},
): Played {
  const journal = [...events]
  const changes: BridgeChange[] = []
  const arrivals: Arrival[] = []
  const log = readableLog()
  let lastId = Math.max(100, ...events.map(({ id }) => id))
  let committedId = lastId
  let isHeld = false
  const owed = [...retained]
  const settled = (): void => {
    if (isHeld) return
    committedId = lastId
    queueMicrotask(() => bridge.committed())
  }
  const append = (change: BridgeChange): number => {
    changes.push(change)
    if (change.kind === 'bridge-retained')
      owed.splice(
        owed.findIndex(({ topic }) => topic === change.topic),
        1,
      )
    lastId++
    settled()
    return lastId
  }
  const bridge: Bridge = new Bridge(
    {
      name: 'far',
      topics: [{ filter: '#', direction: 'out', from: '', to: '', qos: 2 }],
      prefer: 'first',
      clientId: 'c',
      version: '5.0',
      keepAlive: 0,
      reconnect: { first: 10, longest: 20 },
      window: 10,
      alertAfter: 60_000,
      clean: false,
      retain: true,
      broker: 'mqtt',
      ...settings,
    },
    {
      clock,
      log: log.log,
      condition: new Condition({ name: 'far', clock, log: log.log, changed: () => {} }),
      hubId: 'hub',
      hides: { out: hidesRoot('vigie'), in: hidesRoot('vigie') },
      stored: { name: 'far', acknowledgedUpTo: 0, sent: [], received: [], subscribed: [], ...stored },
      append,
      committedId: () => committedId,
      lastEventId: () => journal.at(-1)?.id ?? 0,
      page: async (after, limit) => {
        const found = journal.filter(({ id }) => id > after)
        const some = found.slice(0, limit)
        const isAll = some.length === found.length
        return { events: some, upTo: some.at(-1)?.id ?? after, isAll, lost: 0 }
      },
      owedRetained: async (limit) => owed.slice(0, limit),
      eventsOf: async (ids) => journal.filter(({ id }) => ids.includes(id)),
      publish: (arrival) => {
        arrivals.push(arrival)
        lastId++
        settled()
        return lastId
      },
      echoProblem,
    },
  )
  whenOver(() => bridge.stop())
  return {
    bridge,
    changes,
    arrivals,
    log,
    happens(id, rest) {
      journal.push(event(id, { topic: 't', payload: Buffer.from('x'), ...rest }))
      bridge.committed()
    },
    commit() {
      committedId = lastId
      bridge.committed()
    },
    hold() {
      isHeld = true
    },
    async until(fits) {
      while (!fits(bridge)) await new Promise((resolve) => setTimeout(resolve, 5))
    },
  }
}
