/**
 * Maps the bytes of a topic to its answer (its subscribers, rules and history) without making a string.
 * Because of this cache, the price of a PUBLISH does not depend on the number of subscriptions and rules.
 *
 * Always: two topics are the same only if their bytes are, whatever the hash says. An answer is given only in
 * the epoch in which it was resolved: `bump` makes all answers stale at once, and each is resolved again when
 * it is next asked for. A resolver that throws leaves nothing behind. Space is bounded: topics lie in two
 * generations, and when the young one is full the old one is dropped, so topics in use stay. No chain is
 * longer than LONGEST_CHAIN: names that were made to collide are resolved each time, and slow down nobody
 * else.
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
  /** Finds the answer for a topic. It may throw to refuse the topic. */
  readonly resolve: (topic: string) => R
  /** The largest number of topics; half of it is sure to stay. */
  readonly maxEntries?: number
  /** The largest number of bytes of topics; half of it is sure to stay. */
  readonly maxBytes?: number
  readonly hash?: Hash
}

export type Hash = (bytes: Buffer, start: number, end: number) => number

const LONGEST_CHAIN = 16
const NO_BYTES = Buffer.alloc(0)

export class RouteCache<R> {
  readonly #resolve: (topic: string) => R
  readonly #hash: Hash
  readonly #maxEntries: number
  readonly #maxBytes: number
  #young: Generation<R>
  #old: Generation<R>
  #epoch = 0
  /**
   * The topic of the last look-up, and where its bytes lie. In a burst most messages have the same topic,
   * which need not be hashed again.
   */
  #last: MutableRoute<R> | undefined = undefined
  #lastSlab: Buffer = NO_BYTES
  #lastStart = 0
  #lastLength = -1

  constructor({
    resolve,
    maxEntries = 262_144,
    maxBytes = 16_777_216,
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

  /** The number of topics held; one that is in both generations counts twice. */
  get size(): number {
    return this.#young.routes.length + this.#old.routes.length
  }

  /** Makes every answer stale: subscriptions, rules or permissions have changed. */
  bump(): void {
    this.#epoch++
  }

  /**
   * The route of the topic that lies in `bytes` from `start` up to `end`. Throws what the resolver throws,
   * and a TopicError at bad UTF-8.
   */
  lookup(bytes: Buffer, start: number, end: number): Route<R> {
    const length = end - start
    const isLast =
      length === this.#lastLength && sameBytes(this.#lastSlab, this.#lastStart, bytes, start, length)
    const route = isLast ? this.#last : this.#find(bytes, start, end)
    if (route === undefined) return this.#add(bytes, start, end)
    if (route.epoch !== this.#epoch) this.#refresh(route)
    return route
  }

  #find(bytes: Buffer, start: number, end: number): MutableRoute<R> | undefined {
    const hash = this.#hash(bytes, start, end)
    const young = find(this.#young, hash, bytes, start, end)
    if (young !== NONE) return this.#remember(this.#young, young)
    const old = find(this.#old, hash, bytes, start, end)
    if (old === NONE) return undefined
    const route = this.#old.routes[old]!
    this.#keep(route, hash, bytes, start, end)
    return route
  }

  #remember(generation: Generation<R>, number: number): MutableRoute<R> {
    const row = number * FIELDS
    this.#last = generation.routes[number]!
    this.#lastSlab = generation.slab
    this.#lastStart = generation.index[row + START]!
    this.#lastLength = generation.index[row + LENGTH]!
    return this.#last
  }

  #refresh(route: MutableRoute<R>): void {
    const epoch = this.#epoch // before the resolver runs: it may see a bump
    route.answer = this.#resolve(route.topic)
    route.epoch = epoch
  }

  #add(bytes: Buffer, start: number, end: number): Route<R> {
    const epoch = this.#epoch
    const topic = decode(bytes, start, end)
    const route = { topic, answer: this.#resolve(topic), epoch }
    this.#keep(route, this.#hash(bytes, start, end), bytes, start, end)
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
    // A multiplication carries upwards only, and the low bits choose the chain: let the high bits into them.
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    return hash ^ (hash >>> 13)
  }
}

type MutableRoute<R> = { readonly topic: string; answer: R; epoch: number }

/**
 * A hash table that only grows. Its arrays have their full size from the start; the system gives memory to
 * the pages that are touched. Each route has FIELDS numbers in `index`; the numbers of routes are kept plus
 * one, so that 0 means none.
 */
type Generation<R> = {
  readonly routes: MutableRoute<R>[]
  readonly heads: Int32Array
  readonly index: Int32Array
  readonly slab: Buffer
  used: number
}

const NONE = -1
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

/** The number of the route, or NONE. */
function find<R>(
  { heads, index, slab }: Generation<R>,
  hash: number,
  bytes: Buffer,
  start: number,
  end: number,
): number {
  const length = end - start
  let number = heads[hash & (heads.length - 1)]! - 1
  while (number !== NONE) {
    const row = number * FIELDS
    if (
      index[row + HASH] === hash &&
      index[row + LENGTH] === length &&
      sameBytes(slab, index[row + START]!, bytes, start, length)
    ) {
      return number
    }
    number = index[row + NEXT]! - 1
  }
  return NONE
}

function sameBytes(a: Buffer, startA: number, b: Buffer, startB: number, length: number): boolean {
  for (let at = 0; at < length; at++) {
    if (a[startA + at] !== b[startB + at]) return false
  }
  return true
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
    // [MQTT-1.5.4-1]
    throw new TopicError('The topic is not valid UTF-8; MQTT allows nothing else.', 'malformed')
  }
  return bytes.toString('utf8', start, end)
}
