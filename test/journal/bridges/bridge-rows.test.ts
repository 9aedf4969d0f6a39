// Covers `src/journal/queries/bridge-pages.ts`, `src/journal/queries/heard.ts`, `src/model/bridge.ts`.

import { expect, it } from 'vitest'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import type { BridgeChange } from '../../../src/model/bridge.ts'
import { bridgeClient } from '../../../src/model/bridge.ts'
import type { Queries } from '../../../src/model/queries.ts'
import { hidesRoot } from '../../../src/topics/hidden.ts'
import { type Bench, openBench } from '../fixtures.ts'
import { event, events } from '../nouns.ts'

const DAY = 86_400_000
const BRIDGE = 'cloud'
const opened = (filters: readonly string[], from = 0): BridgeChange => ({
  kind: 'bridge-opened',
  bridge: BRIDGE,
  filters,
  from,
})
const progressed = (upTo: number): BridgeChange => ({ kind: 'bridge-progressed', bridge: BRIDGE, upTo })

function ask<T>({ dataDir }: Bench, question: (queries: Queries) => T): T {
  const queries = openQueries(dataDir)
  try {
    return question(queries)
  } finally {
    queries.close()
  }
}

/** Indexes and prunes until there is nothing more to do. */
function tidy({ writer, clock }: Bench): void {
  for (let round = 0; round < 2; round++) {
    writer.beat()
    while (writer.tidy(false));
    clock.advance(60_000)
  }
}

const page = (bench: Bench, filters: readonly string[], after = 0, limit = 10) =>
  ask(bench, (queries) =>
    queries.bridgePage({ bridge: BRIDGE, filters, hiddenRoot: 'vigie', after, limit, bytes: 1e6 }),
  )

it('begins after the event before it, and goes on where the far side has acknowledged', () => {
  const first = openBench()
  first.writer.commit({ events: events(1, 5), bridges: [opened(['a/#'], 3)] })
  first.writer.commit({ bridges: [opened(['a/#'], 99), progressed(4), progressed(5)] })
  first.writer.close()
  const { bridges, hubId } = openBench({ dataDir: first.dataDir }).writer.bridges()
  expect(bridges).toEqual([{ name: BRIDGE, acknowledgedUpTo: 5, sent: [], received: [], subscribed: [] }])
  expect(hubId).toMatch(/^[0-9a-f]{16}$/)
})

it('reads the events of its topics, oldest first, and not those of the hub', () => {
  const bench = openBench()
  bench.writer.commit({
    events: [
      event(1, { topic: 'a' }),
      event(2, { topic: 'b' }),
      event(3, { topic: 'vigie/x' }),
      event(4, { topic: 'a/b' }),
    ],
  })
  expect(page(bench, ['a/#'])).toMatchObject({ events: [{ id: 1 }, { id: 4 }], upTo: 4, isAll: true })
  expect(page(bench, ['#'], 1, 1)).toMatchObject({ events: [{ id: 2 }], upTo: 2, isAll: false })
  expect(page(bench, ['#'], 2)).toMatchObject({ events: [{ id: 4 }], upTo: 4, isAll: true })
})

it('tells the properties of the event with which a chain of causes begins', () => {
  const bench = openBench()
  const properties = Buffer.from('root')
  bench.writer.commit({
    events: [
      event(1, { properties }),
      event(2, { cause: { event: 1, run: 1, depth: 1 } }),
      event(3, { cause: { event: 2, run: 2, depth: 2 } }),
    ],
  })
  const { events: read } = page(bench, ['#'])
  expect(read.map(({ root }) => root && Buffer.from(root).toString())).toEqual([undefined, 'root', 'root'])
})

it('keeps the handshakes of QoS 2 until they have ended and the cursor has passed them', () => {
  const bench = openBench()
  const sent = (kind: 'bridge-sent' | 'bridge-released' | 'bridge-done', at: number): BridgeChange => ({
    kind,
    bridge: BRIDGE,
    event: at,
    packetId: at + 100,
  })
  bench.writer.commit({
    events: events(1, 5),
    bridges: [opened(['#']), ...[1, 2, 3].map((at) => sent('bridge-sent', at))],
  })
  bench.writer.commit({ bridges: [sent('bridge-released', 2), sent('bridge-done', 3)] })
  const left = () => bench.writer.bridges().bridges[0]?.sent
  expect(left()).toEqual([
    { event: 1, packetId: 101, released: false },
    { event: 2, packetId: 102, released: true },
    { event: 3, packetId: 0, released: false },
  ])
  bench.writer.commit({ bridges: [sent('bridge-done', 1), sent('bridge-done', 2), progressed(3)] })
  expect(left()).toEqual([])
})

it('keeps the packet ids of what has come in until they are let go, or the session is', () => {
  const bench = openBench()
  const change = (kind: 'bridge-took' | 'bridge-let-go', packetId: number): BridgeChange => ({
    kind,
    bridge: BRIDGE,
    packetId,
  })
  bench.writer.commit({ bridges: [opened([]), change('bridge-took', 7), change('bridge-took', 8)] })
  bench.writer.commit({ bridges: [change('bridge-let-go', 7)] })
  expect(bench.writer.bridges().bridges[0]?.received).toEqual([8])
  bench.writer.commit({ bridges: [{ kind: 'bridge-forgotten', bridge: BRIDGE }] })
  expect(bench.writer.bridges().bridges[0]?.received).toEqual([])
})

it('counts what history forgets before it was acknowledged, and owes what is retained there', () => {
  const bench = openBench({
    now: 10 * DAY,
    history: { keepMs: DAY, maxBytes: null, rules: [] },
  })
  const old = { at: 5 * DAY }
  bench.writer.commit({
    events: [
      event(1, { ...old, topic: 'a/sent' }),
      event(2, { ...old, topic: 'a/plain' }),
      event(3, { ...old, topic: 'a/retained', retain: true }),
      event(4, { ...old, topic: 'other' }),
      event(5, { ...old, topic: 'a/own', origin: 'bridge', client: bridgeClient(BRIDGE) }),
      event(6, { ...old, topic: 'a/cleared', retain: true, payload: Buffer.alloc(0) }),
      event(7, { topic: 'a/young', at: 10 * DAY, retain: true }),
    ],
    bridges: [opened(['a/#']), progressed(1)],
    changes: [{ cursor: 7 }],
  })
  // What it may have missed by its being new is of no concern here.
  bench.writer.commit({
    bridges: ['a/retained', 'a/young'].map((topic) => ({ kind: 'bridge-retained', bridge: BRIDGE, topic })),
  })
  tidy(bench)
  expect(ask(bench, (queries) => queries.bridgeLost(BRIDGE))).toBe(3)
  expect(ask(bench, (queries) => queries.owedRetained({ bridge: BRIDGE, limit: 10 }))).toMatchObject([
    { topic: 'a/cleared', message: null },
    { topic: 'a/retained', message: { event: 3, isEvent: false } },
  ])
})

it('counts a QoS 2 message until the far side has received it', () => {
  const bench = openBench({ now: 10 * DAY, history: { keepMs: DAY, maxBytes: null, rules: [] } })
  const sent = (kind: 'bridge-sent' | 'bridge-released' | 'bridge-done', at: number): BridgeChange => ({
    kind,
    bridge: BRIDGE,
    event: at,
    packetId: at,
  })
  bench.writer.commit({
    events: [
      ...[1, 2, 3, 4].map((id) => event(id, { at: 5 * DAY, topic: 'a', qos: 2 })),
      event(5, { at: 10 * DAY, topic: 'young' }),
    ],
    bridges: [opened(['a']), ...[1, 2, 3].map((at) => sent('bridge-sent', at))],
    changes: [{ cursor: 5 }],
  })
  bench.writer.commit({ bridges: [sent('bridge-released', 2), sent('bridge-done', 3)] })
  tidy(bench)
  // Without 2 and 3.
  expect(ask(bench, (queries) => queries.bridgeLost(BRIDGE))).toBe(2)
})

it('holds what history excludes until the far side has acknowledged it', () => {
  const bench = openBench()
  const excluded = [1, 2, 3].map((id) => event(id, { topic: 'a/debug', recorded: false }))
  bench.writer.commit({
    events: [...excluded, event(4, { topic: 'x' })],
    bridges: [opened(['a/#']), progressed(1)],
    changes: [{ cursor: 4 }],
  })
  tidy(bench)
  expect(page(bench, ['a/#']).events.map(({ id }) => id)).toEqual([2, 3])
  bench.writer.commit({ bridges: [progressed(3)] })
  tidy(bench)
  expect(page(bench, ['a/#']).events).toEqual([])
  expect(ask(bench, (queries) => queries.bridgeLost(BRIDGE))).toBe(0)
})

it('owes what is retained to a new bridge, under a new filter, and to a far side that has forgotten', () => {
  const bench = openBench({ hides: hidesRoot('vigie') })
  const retained = ['a/1', 'b/1', 'vigie/x'].map((topic, index) => event(index + 1, { topic, retain: true }))
  const owed = () =>
    ask(bench, (queries) => queries.owedRetained({ bridge: BRIDGE, limit: 10 })).map(({ topic }) => topic)
  const has = (topic: string): BridgeChange => ({ kind: 'bridge-retained', bridge: BRIDGE, topic })
  bench.writer.commit({ events: retained, bridges: [opened(['a/#'])] })
  expect(owed()).toEqual(['a/1'])
  bench.writer.commit({ bridges: [has('a/1'), opened(['a/#'])] })
  expect(owed()).toEqual([])
  bench.writer.commit({ bridges: [opened(['a/#', '#'])] })
  expect(owed()).toEqual(['a/1', 'b/1'])
  bench.writer.commit({ bridges: [has('a/1'), has('b/1'), opened(['b/#'])] })
  bench.writer.commit({ bridges: [has('b/1'), { kind: 'bridge-forgotten', bridge: BRIDGE }] })
  expect(owed()).toEqual(['b/1'])
})

it('forgets a bridge that is not configured any more', () => {
  const bench = openBench()
  bench.writer.commit({ events: [event(1, { topic: 'a', retain: true })], bridges: [opened(['a'])] })
  bench.writer.commit({ bridges: [{ kind: 'bridge-ended', bridge: BRIDGE }] })
  expect(bench.writer.bridges().bridges).toEqual([])
  expect(ask(bench, (queries) => queries.owedRetained({ bridge: BRIDGE, limit: 10 }))).toEqual([])
})
