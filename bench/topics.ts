/**
 * Measures how long it takes to find out who gets a message (the subscription tree, and the route cache
 * before it), to find names by a filter, and the memory of a million subscriptions. Prints nanoseconds, the
 * best of five rounds.
 *
 *   node bench/topics.ts
 */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { NameTree } from '../src/topics/name-tree.ts'
import { RouteCache } from '../src/topics/route-cache.ts'
import { TopicTree } from '../src/topics/tree.ts'

const rows: { what: string; of: string; result: string }[] = []

for (const count of [10, 1_000, 100_000]) benchTree(count)
for (const count of [1, 1_000, 100_000]) benchCache(count)
benchRefresh()
benchNames()
benchMemory('its own topic', (index) => `devices/${index}/command`)
benchMemory('devices/N/#', (index) => `devices/${index}/#`)
benchMemory('devices/N/+/set', (index) => `devices/${index}/+/set`)
console.table(rows)

/**
 * Filters: a third has no wildcards, a third ends with +, a third with #. Two of them and # match each
 * topic.
 */
function benchTree(count: number): void {
  const tree = new TopicTree<number, number>()
  const endings = ['temperature', '+', '#']
  for (let index = 0; index < count; index++) {
    tree.set(`site/room${Math.floor(index / 3)}/${endings[index % 3]}`, index, index)
  }
  tree.set('#', -1, -1)
  const topics = shuffled(Math.ceil(count / 3)).map((room) => `site/room${room}/temperature`)
  let found = 0
  const ns = nsPerCall(200_000, (at) => tree.match(topics[at % topics.length]!, () => found++))
  report('match a topic in the tree', `${tree.size} filters`, ns)
}

/** Looks up another topic each time, in random order, out of one buffer, as packets are read. */
function benchCache(count: number): void {
  const cache = new RouteCache({ resolve: (topic) => topic.length })
  const { bytes, starts } = packed(shuffled(count).map((room) => `site/room${room}/temperature`))
  const lookup = (at: number) => {
    const index = at % count
    return cache.lookup(bytes, starts[index]!, starts[index + 1]!).answer
  }
  report('look a topic up in the cache, a hit', `${count} topics`, nsPerCall(1_000_000, lookup))
}

function benchRefresh(): void {
  const cache = new RouteCache({ resolve: (topic) => topic.length })
  const { bytes, starts } = packed(shuffled(1_000).map((room) => `site/room${room}/temperature`))
  const ns = nsPerCall(1_000_000, (at) => {
    const index = at % 1_000
    if (index === 0) cache.bump()
    return cache.lookup(bytes, starts[index]!, starts[index + 1]!).answer
  })
  report('the same, after a bump (and an empty resolver)', '1000 topics', ns)
}

function benchNames(): void {
  const tree = new NameTree<number>()
  for (const room of shuffled(100_000)) tree.set(`site/room${room}/temperature`, room)
  let found = 0
  const one = nsPerCall(100_000, (at) => {
    for (const [, value] of tree.match(`site/room${at}/#`)) found += value
  })
  report('find the names that match site/roomN/#', '100000 names', one)
  const all = nsPerCall(5, () => {
    for (const [, value] of tree.match('site/+/temperature')) found += value
  })
  report('find all that match site/+/temperature, each', '100000 names', all / 100_000)
}

function benchMemory(of: string, filterOf: (index: number) => string): void {
  const before = usedBytes()
  const tree = new TopicTree<object, number>()
  const session = {}
  for (let index = 0; index < 1_000_000; index++) tree.set(filterOf(index), session, 1)
  const bytes = (usedBytes() - before) / tree.size
  rows.push({ what: 'memory of a subscription', of: `1000000 × ${of}`, result: `${bytes.toFixed(0)} bytes` })
}

function report(what: string, of: string, ns: number): void {
  rows.push({ what, of, result: `${ns.toFixed(0)} ns` })
}

function nsPerCall(calls: number, call: (at: number) => unknown): number {
  let best = Infinity
  for (let round = 0; round < 5; round++) {
    const startedAt = performance.now()
    for (let at = 0; at < calls; at++) call(at)
    best = Math.min(best, ((performance.now() - startedAt) * 1e6) / calls)
  }
  return best
}

function packed(topics: readonly string[]): { bytes: Buffer; starts: Uint32Array } {
  const starts = new Uint32Array(topics.length + 1)
  for (const [index, topic] of topics.entries()) starts[index + 1] = starts[index]! + Buffer.byteLength(topic)
  return { bytes: Buffer.from(topics.join('')), starts }
}

/** The numbers below `count` in an order that is random but the same each time. */
function shuffled(count: number): number[] {
  const numbers = Array.from({ length: count }, (_, index) => index)
  let state = 1
  for (let at = count - 1; at > 0; at--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const other = Math.floor((state / 2 ** 32) * (at + 1))
    ;[numbers[at], numbers[other]] = [numbers[other]!, numbers[at]!]
  }
  return numbers
}

function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}
