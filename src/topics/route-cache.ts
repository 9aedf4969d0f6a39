/**
 * From the bytes of a topic to the answer that was worked out for it, without making a string: the reason why the price of a
 * PUBLISH does not depend on the number of subscriptions and rules.
 *
 * Always: two topics are the same when their bytes are, whatever the hash says. An answer is given only in the epoch in which it was
 * resolved; `bump` makes all of them old at once and each is resolved anew when next asked for. A resolver that throws leaves
 * nothing behind. Space is bounded: topics lie in two generations, and when the young one is full the old one is dropped, so that
 * what is used stays. No chain is longer than LONGEST_CHAIN: names made to collide are resolved each time, and slow nobody else.
 */

import { isUtf8 } from 'node:buffer'
import { randomInt } from 'node:crypto'

import { TopicError } from './names.ts'

export type Route<R> = {
  readonly topic: string
  readonly answer: R
  /** The epoch in which the answer was resolved. */
  readonly epoch: number
}

export type RouteCacheOptions<R> = {
  /** Works the answer out; may throw to refuse the topic. */
  readonly resolve: (topic: string) => R
  /** How many topics at most; half of it is sure to stay. */
  readonly maxEntries?: number
  /** How many bytes of topics at most; half of it is sure to stay. */
  readonly maxBytes?: number
  readonly hash?: Hash
}

export type Hash = (bytes: Buffer, start: number, end: number) => number

const LONGEST_CHAIN = 16

export class RouteCache<R> {
  readonly #resolve: (topic: string) => R
  readonly #hash: Hash
  readonly #maxEntries: number
  readonly #maxBytes: number
  #young: Generation<R>
  #old: Generation<R>
  #epoch = 0

  constructor({
    resolve,
    maxEntries = 262_144,
    maxBytes = 33_554_432,
    hash = seededHash(),
  }: RouteCacheOptions<R>) {
    this.#resolve = resolve
    this.#hash = hash
    this.#maxEntries = Math.max(1, maxEntries >>> 1)
    this.#maxBytes = maxBytes >>> 1
    this.#young = newGeneration(this.#maxEntries, this.#maxBytes)
    this.#old = newGeneration(0, 0)
  }

  get epoch(): number {
    return this.#epoch
  }

  /** The number of topics held. */
  get size(): number {
    return this.#young.routes.length + this.#old.routes.length
  }

  /** Makes every answer old: subscriptions, rules or permissions have changed. */
  bump(): void {
    this.#epoch++
  }

  /** The route of the topic that lies in `bytes` from `start` up to `end`. Throws what the resolver throws, and a TopicError at bad UTF-8. */
  lookup(bytes: Buffer, start: number, end: number): Route<R> {
    const hash = this.#hash(bytes, start, end) | 0
    const route = find(this.#young, hash, bytes, start, end) ?? this.#findOld(hash, bytes, start, end)
    if (route === undefined) return this.#add(hash, bytes, start, end)
    if (route.epoch !== this.#epoch) this.#refresh(route)
    return route
  }

  #findOld(hash: number, bytes: Buffer, start: number, end: number): MutableRoute<R> | undefined {
    const route = find(this.#old, hash, bytes, start, end)
    if (route !== undefined) this.#keep(route, hash, bytes, start, end)
    return route
  }

  #refresh(route: MutableRoute<R>): void {
    const epoch = this.#epoch // before the resolver runs: it may see a bump
    route.answer = this.#resolve(route.topic)
    route.epoch = epoch
  }

  #add(hash: number, bytes: Buffer, start: number, end: number): Route<R> {
    const epoch = this.#epoch
    const topic = decode(bytes, start, end)
    const route = { topic, answer: this.#resolve(topic), epoch }
    this.#keep(route, hash, bytes, start, end)
    return route
  }

  #keep(route: MutableRoute<R>, hash: number, bytes: Buffer, start: number, end: number): void {
    if (end - start > this.#maxBytes) return
    const { routes, used } = this.#young
    if (routes.length === this.#maxEntries || used + end - start > this.#maxBytes) {
      this.#old = this.#young
      this.#young = newGeneration(this.#maxEntries, this.#maxBytes)
    }
    insert(this.#young, route, hash, bytes, start, end)
  }
}

/** FNV-1a from a random start, so that nobody outside can tell which names share a chain. */
export function seededHash(seed = randomInt(2 ** 32)): Hash {
  return (bytes, start, end) => {
    let hash = seed | 0
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
    return hash ^ (hash >>> 15)
  }
}

type MutableRoute<R> = { readonly topic: string; answer: R; epoch: number }

/**
 * A hash table that only grows. Its arrays have their full size from the start; the system gives memory to the pages that are
 * touched. Each route has FIELDS numbers in `index`; the numbers of routes are kept plus one, so that 0 means none.
 */
type Generation<R> = {
  readonly routes: MutableRoute<R>[]
  readonly heads: Int32Array
  readonly index: Int32Array
  readonly slab: Buffer
  used: number
}

const FIELDS = 4
const HASH = 0
const NEXT = 1
const START = 2
const LENGTH = 3

function newGeneration<R>(maxEntries: number, maxBytes: number): Generation<R> {
  return {
    routes: [],
    heads: new Int32Array(2 ** Math.ceil(Math.log2(Math.max(1, maxEntries)))),
    index: new Int32Array(maxEntries * FIELDS),
    slab: Buffer.allocUnsafeSlow(maxBytes),
    used: 0,
  }
}

function find<R>(
  { routes, heads, index, slab }: Generation<R>,
  hash: number,
  bytes: Buffer,
  start: number,
  end: number,
): MutableRoute<R> | undefined {
  const length = end - start
  let number = heads[hash & (heads.length - 1)]!
  search: while (number !== 0) {
    const row = (number - 1) * FIELDS
    const here = number - 1
    number = index[row + NEXT]!
    if (index[row + HASH] !== hash || index[row + LENGTH] !== length) continue
    const kept = index[row + START]!
    for (let at = 0; at < length; at++) {
      if (slab[kept + at] !== bytes[start + at]) continue search
    }
    return routes[here]
  }
  return undefined
}

function insert<R>(
  generation: Generation<R>,
  route: MutableRoute<R>,
  hash: number,
  bytes: Buffer,
  start: number,
  end: number,
): void {
  const { routes, heads, index, slab } = generation
  const bucket = hash & (heads.length - 1)
  let chain = 0
  for (let number = heads[bucket]!; number !== 0; number = index[(number - 1) * FIELDS + NEXT]!) chain++
  if (chain === LONGEST_CHAIN) return
  const row = routes.length * FIELDS
  index[row + HASH] = hash
  index[row + NEXT] = heads[bucket]!
  index[row + START] = generation.used
  index[row + LENGTH] = end - start
  bytes.copy(slab, generation.used, start, end)
  generation.used += end - start
  heads[bucket] = routes.push(route)
}

function decode(bytes: Buffer, start: number, end: number): string {
  if (!isUtf8(bytes.subarray(start, end))) {
    throw new TopicError('The topic is not valid UTF-8; MQTT allows nothing else.', 'malformed') // [MQTT-1.5.4-1]
  }
  return bytes.toString('utf8', start, end)
}
