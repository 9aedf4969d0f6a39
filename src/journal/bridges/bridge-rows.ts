// Writes the changes of bridges to their tables, and knows which events they owe to their far sides.
//
// A bridge does not hold history back: it is bounded by it. An event that history forgets before the far side
// has acknowledged it is counted, in the same transaction; and if it was to change what is retained, its
// topic is noted, so that the far side is told what is retained there when it is back. Only events that
// history excludes are held until the bridge has passed them, since otherwise none of them would ever be
// sent.

import type { Database } from 'better-sqlite3'
import { bridgeClient } from '../../model/bridge.ts'
import type { BridgeChange, StoredBridges } from '../../model/bridge.ts'
import { type Hides, hidesDollar } from '../../topics/hidden.ts'
import { topicMatches } from '../../topics/matches.ts'
import { isRetain, originOf } from '../events/event-flags.ts'

interface Standing {
  readonly acknowledgedUpTo: number
  readonly filters: readonly string[]
}

interface Gone {
  readonly id: number
  readonly topic: string
  readonly client: string | null
  readonly flags: number
}

export class BridgeRows {
  readonly #sql
  readonly #hides: Hides
  #standings = new Map<string, Standing>()

  /** @param hides what wildcards in the first level leave out; by default what begins with `$` */
  constructor(db: Database, hides: Hides = hidesDollar) {
    this.#sql = prepare(db)
    this.#hides = hides
    this.reread()
  }

  /** Reads what is held in memory from the tables: at the start, and after a rollback. */
  reread(): void {
    this.#standings = new Map(
      this.#sql.standings
        .all()
        .map(({ name, acknowledgedUpTo, filters }) => [
          name,
          { acknowledgedUpTo, filters: JSON.parse(filters) as string[] },
        ]),
    )
  }

  stored(): StoredBridges {
    const sent = Map.groupBy(this.#sql.sent.all(), ({ bridge }) => bridge)
    const received = Map.groupBy(this.#sql.received.all(), ({ bridge }) => bridge)
    const bridges = this.#sql.standings.all().map(({ name, acknowledgedUpTo, subscribed }) => ({
      name,
      acknowledgedUpTo,
      subscribed: JSON.parse(subscribed) as string[],
      sent: (sent.get(name) ?? []).map(({ event, packetId, released }) => ({
        event,
        packetId,
        released: released === 1,
      })),
      received: (received.get(name) ?? []).map(({ packetId }) => packetId),
    }))
    return { hubId: this.#sql.hubId.get()!, bridges }
  }

  write(changes: readonly BridgeChange[]): void {
    /** The newest progress of each bridge in this group: one update per bridge is enough. */
    const progress = new Map<string, number>()
    for (const change of changes) {
      if (change.kind === 'bridge-progressed') progress.set(change.bridge, change.upTo)
      else this.#write(change)
    }
    for (const [bridge, upTo] of progress) {
      this.#sql.progress.run(upTo, bridge)
      this.#sql.dropDone.run(bridge, upTo)
      const before = this.#standings.get(bridge)
      if (before !== undefined) this.#standings.set(bridge, { ...before, acknowledgedUpTo: upTo })
    }
  }

  /** Whether a bridge has yet to send an event on this topic. */
  isOwed(id: number, topic: string): boolean {
    for (const { acknowledgedUpTo, filters } of this.#standings.values())
      if (id > acknowledgedUpTo && this.#matches(filters, topic)) return true
    return false
  }

  /** Counts events that are about to be deleted for the bridges that have not sent them. */
  willForget(ids: readonly number[]): void {
    const oldest = Math.min(...Array.from(this.#standings.values(), (each) => each.acknowledgedUpTo))
    const unsent = ids.filter((id) => id > oldest)
    if (unsent.length === 0) return
    for (const event of this.#sql.gone.all(JSON.stringify(unsent))) this.#forget(event)
  }

  #forget({ id, topic, client, flags }: Gone): void {
    if (originOf(flags) === 'retained' || originOf(flags) === 'redelivered') return
    for (const [bridge, { acknowledgedUpTo, filters }] of this.#standings) {
      if (id <= acknowledgedUpTo || client === bridgeClient(bridge) || !this.#matches(filters, topic))
        continue
      if (this.#sql.isThere.get(bridge, id) !== undefined) continue
      this.#sql.lose.run(bridge)
      if (isRetain(flags)) this.#sql.oweRetained.run(bridge, topic)
    }
  }

  #write(change: Exclude<BridgeChange, { kind: 'bridge-progressed' }>): void {
    const { bridge } = change
    switch (change.kind) {
      case 'bridge-opened':
        return this.#open(bridge, change.filters, change.from)
      case 'bridge-ended':
        this.#standings.delete(bridge)
        for (const end of this.#sql.end) end.run(bridge)
        return
      case 'bridge-subscribed':
        return void this.#sql.subscribed.run(JSON.stringify(change.subscriptions), bridge)
      case 'bridge-took':
        return void this.#sql.took.run(bridge, change.packetId)
      case 'bridge-let-go':
        return void this.#sql.letGo.run(bridge, change.packetId)
      case 'bridge-sent':
        return void this.#sql.send.run(bridge, change.event, change.packetId)
      case 'bridge-released':
        return void this.#sql.release.run(bridge, change.event)
      case 'bridge-done':
        return void this.#sql.done.run(bridge, change.event)
      case 'bridge-retained':
        return void this.#sql.dropRetained.run(bridge, change.topic)
      case 'bridge-forgotten':
        this.#oweRetained(bridge, this.#standings.get(bridge)?.filters ?? [])
        this.#sql.forgetReceived.run(bridge)
        return void this.#sql.subscribed.run('[]', bridge)
      default:
        change satisfies never
    }
  }

  #open(bridge: string, filters: readonly string[], from: number): void {
    const before = this.#standings.get(bridge)
    const acknowledgedUpTo = before?.acknowledgedUpTo ?? from
    this.#standings.set(bridge, { acknowledgedUpTo, filters })
    this.#sql.open.run(bridge, JSON.stringify(filters), acknowledgedUpTo)
    this.#oweRetained(
      bridge,
      filters.filter((filter) => !before?.filters.includes(filter)),
    )
  }

  #oweRetained(bridge: string, filters: readonly string[]): void {
    if (filters.length === 0) return
    for (const topic of this.#sql.retainedTopics.all())
      if (this.#matches(filters, topic)) this.#sql.oweRetained.run(bridge, topic)
  }

  #matches(filters: readonly string[], topic: string): boolean {
    return filters.some((filter) => topicMatches(filter, topic, this.#hides))
  }
}

const prepare = (db: Database) => ({
  hubId: db.prepare<[], string>('SELECT id FROM hub').pluck(),
  standings: db.prepare<[], { name: string; acknowledgedUpTo: number; filters: string; subscribed: string }>(
    'SELECT name, acked_up_to AS acknowledgedUpTo, filters, subscribed FROM bridges ORDER BY name',
  ),
  sent: db.prepare<[], { bridge: string; event: number; packetId: number; released: number }>(
    'SELECT bridge, event, packet_id AS packetId, released FROM bridge_sent ORDER BY event',
  ),
  received: db.prepare<[], { bridge: string; packetId: number }>(
    'SELECT bridge, packet_id AS packetId FROM bridge_received',
  ),
  open: db.prepare<[string, string, number]>(
    `INSERT INTO bridges (name, filters, acked_up_to) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET filters = excluded.filters`,
  ),
  end: ['bridges WHERE name', 'bridge_sent WHERE bridge', 'bridge_received WHERE bridge']
    .concat('bridge_retained WHERE bridge')
    .map((of) => db.prepare<[string]>(`DELETE FROM ${of} = ?`)),
  progress: db.prepare<[number, string]>('UPDATE bridges SET acked_up_to = ? WHERE name = ?'),
  dropDone: db.prepare<[string, number]>(
    'DELETE FROM bridge_sent WHERE bridge = ? AND event <= ? AND packet_id = 0',
  ),
  subscribed: db.prepare<[string, string]>('UPDATE bridges SET subscribed = ? WHERE name = ?'),
  took: db.prepare<[string, number]>('INSERT OR REPLACE INTO bridge_received VALUES (?, ?)'),
  letGo: db.prepare<[string, number]>('DELETE FROM bridge_received WHERE bridge = ? AND packet_id = ?'),
  forgetReceived: db.prepare<[string]>('DELETE FROM bridge_received WHERE bridge = ?'),
  send: db.prepare<[string, number, number]>(
    'INSERT OR REPLACE INTO bridge_sent (bridge, event, packet_id) VALUES (?, ?, ?)',
  ),
  release: db.prepare<[string, number]>('UPDATE bridge_sent SET released = 1 WHERE bridge = ? AND event = ?'),
  done: db.prepare<[string, number]>('UPDATE bridge_sent SET packet_id = 0 WHERE bridge = ? AND event = ?'),
  /** The far side has received the message. With a packet id alone it may not have been sent yet. */
  isThere: db.prepare<[string, number]>(
    'SELECT 1 FROM bridge_sent WHERE bridge = ? AND event = ? AND (released = 1 OR packet_id = 0)',
  ),
  oweRetained: db.prepare<[string, string]>('INSERT OR IGNORE INTO bridge_retained VALUES (?, ?)'),
  dropRetained: db.prepare<[string, string]>('DELETE FROM bridge_retained WHERE bridge = ? AND topic = ?'),
  retainedTopics: db
    .prepare<[], string>('SELECT topics.name FROM retained JOIN topics ON topics.id = retained.topic')
    .pluck(),
  lose: db.prepare<[string]>('UPDATE bridges SET lost = lost + 1 WHERE name = ?'),
  gone: db.prepare<[string], Gone>(
    `SELECT events.id, topics.name AS topic, clients.name AS client, events.flags
     FROM events JOIN topics ON topics.id = events.topic LEFT JOIN clients ON clients.id = events.client
     WHERE events.id IN (SELECT value FROM json_each(?))`,
  ),
})
