/**
 * The subscription tree: from topic filters to values, asked with a topic name. One filter holds any number
 * of values, each under its own key (a session, a rule). Filters without wildcards lie in a flat Map, one
 * look-up for all of them; only the others form a tree, in which a node stands for as many levels as its
 * filters have in common: where a filter is alone, all that are left of it.
 *
 * Always: there are at most twice as many nodes as filters, however deep they are; a match visits each
 * (filter, key) at most once, compares with each node at most once, and never recurses. Filters and topics
 * are valid; empty levels are levels.
 */

import { childAt, iterateChildren } from './children.ts'
import {
  attach,
  childOf,
  commonLevels,
  FilterNode,
  levelEnd,
  matchTail,
  NO_MATCH,
  prune,
  split,
  workOf,
} from './filter-nodes.ts'
import { type Hides, hidesDollar } from './hidden.ts'

export class TopicTree<K, V> {
  readonly #exact = new Map<string, Slot<K, V>>()
  readonly #root = new FilterNode<Slot<K, V>>('', '')
  readonly #hides: Hides
  #size = 0

  /** @param hides what wildcards in the first level leave out; by default what begins with `$` */
  constructor(hides: Hides = hidesDollar) {
    this.#hides = hides
  }

  /** The number of (filter, key) pairs. */
  get size(): number {
    return this.#size
  }

  /** Returns whether the pair is new; an old one has its value replaced. */
  set(filter: string, key: K, value: V): boolean {
    const made: Slot<K, V> = { filter, key, value, more: undefined }
    const slot = this.#place(made)
    if (slot !== made) {
      if (slot.key === key) {
        slot.value = value
        return false
      }
      slot.more ??= new Map()
      const before = slot.more.size
      if (slot.more.set(key, value).size === before) return false
    }
    this.#size++
    return true
  }

  get(filter: string, key: K): V | undefined {
    const slot = this.#slotOf(filter)
    return slot?.key === key ? slot.value : slot?.more?.get(key)
  }

  /** Returns whether the pair was there. */
  delete(filter: string, key: K): boolean {
    const slot = this.#slotOf(filter)
    if (slot === undefined) return false
    if (slot.key !== key) {
      if (slot.more?.delete(key) !== true) return false
      if (slot.more.size === 0) slot.more = undefined
    } else if (slot.more === undefined) {
      this.#removeSlot(filter)
    } else {
      promote(slot, slot.more)
    }
    this.#size--
    return true
  }

  /**
   * Calls `visit` for each value whose filter matches the topic, in no given order. `visit` must not change
   * the tree. Returns how much had to be compared, in pieces of a length that is the same for all.
   */
  match(topic: string, visit: (value: V, key: K, filter: string) => void): number {
    visitSlot(this.#exact.get(topic), visit)
    const end = topic.length
    let work = 1
    /** Nodes whose levels match the topic up to the slash, or the end, beside them. */
    const nodes = [this.#root]
    const slashes = [START]
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      const slash = slashes.pop()!
      const wild = slash !== START || !this.#hides(topic) // [MQTT-4.7.2-1] [v3 MQTT-4.7.2-1]
      if (wild) visitSlot(node.rest, visit) // also where the topic ends: `a/#` matches `a`
      if (slash === end) {
        visitSlot(node.end, visit)
        continue
      }
      const next = levelEnd(topic, slash + 1)
      const { plus, children } = node
      if (wild && plus !== undefined) {
        work += workOf(plus)
        const at = matchTail(plus.tail, topic, next)
        if (at !== NO_MATCH) {
          nodes.push(plus)
          slashes.push(at)
        }
      }
      const child = children && childAt(children, topic.slice(slash + 1, next))
      if (child !== undefined) {
        work += workOf(child)
        const at = matchTail(child.tail, topic, next)
        if (at !== NO_MATCH) {
          nodes.push(child)
          slashes.push(at)
        }
      }
    }
    return work
  }

  collect(topic: string): V[] {
    const values: V[] = []
    this.match(topic, (value) => values.push(value))
    return values
  }

  /** All entries, as [filter, key, value]. */
  *[Symbol.iterator](): Generator<readonly [filter: string, key: K, value: V]> {
    for (const slot of this.#exact.values()) yield* entriesOf(slot)
    const stack: FilterNode<Slot<K, V>>[] = [this.#root]
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node.end !== undefined) yield* entriesOf(node.end)
      if (node.rest !== undefined) yield* entriesOf(node.rest)
      if (node.plus !== undefined) stack.push(node.plus)
      const children = iterateChildren(node.children)
      for (let next = children.next(); next.done !== true; next = children.next()) stack.push(next.value)
    }
  }

  #slotOf(filter: string): Slot<K, V> | undefined {
    if (!hasWildcard(filter)) return this.#exact.get(filter)
    const node = this.#pathTo(filter)?.at(-1)
    return filter.endsWith('#') ? node?.rest : node?.end
  }

  /** The nodes that stand for all the levels of a filter but a closing #. */
  #pathTo(filter: string): FilterNode<Slot<K, V>>[] | undefined {
    const end = plainEnd(filter)
    const path = [this.#root]
    for (let slash = START; slash < end;) {
      const next = levelEnd(filter, slash + 1)
      const child = childOf(path.at(-1)!, filter.slice(slash + 1, next))
      if (child === undefined || !filter.startsWith(child.tail, next)) return undefined
      slash = next + child.tail.length
      if (slash > end || (slash < end && filter[slash] !== '/')) return undefined
      path.push(child)
    }
    return path
  }

  /** The slot of the filter: what is given, where there was none. */
  #place(made: Slot<K, V>): Slot<K, V> {
    const { filter } = made
    if (hasWildcard(filter)) {
      const node = this.#nodeFor(filter)
      return filter.endsWith('#') ? (node.rest ??= made) : (node.end ??= made)
    }
    const slot = this.#exact.get(filter)
    if (slot === undefined) this.#exact.set(filter, made)
    return slot ?? made
  }

  /** The node that stands for all the levels of a filter but a closing #, made where there was none. */
  #nodeFor(filter: string): FilterNode<Slot<K, V>> {
    const end = plainEnd(filter)
    let node = this.#root
    for (let slash = START; slash < end;) {
      const next = levelEnd(filter, slash + 1)
      const level = filter.slice(slash + 1, next)
      let child = childOf(node, level)
      if (child === undefined) {
        child = new FilterNode<Slot<K, V>>(level, filter.slice(next, end))
        attach(node, child)
      }
      const common = commonLevels(child.tail, filter, next)
      if (common < child.tail.length) split(child, common)
      slash = next + common
      node = child
    }
    return node
  }

  #removeSlot(filter: string): void {
    if (this.#exact.delete(filter)) return
    const path = this.#pathTo(filter)!
    const node = path.at(-1)!
    if (filter.endsWith('#')) node.rest = undefined
    else node.end = undefined
    prune(path)
  }
}

/** The values of one filter. The first lies in the slot itself: most filters have just one. */
type Slot<K, V> = { readonly filter: string; key: K; value: V; more: Map<K, V> | undefined }

/** The offset of a slash before the first level, if there were one. */
const START = -1

function hasWildcard(filter: string): boolean {
  return filter.endsWith('#') || filter.includes('+')
}

/** Returns the end of the levels before a closing #. */
function plainEnd(filter: string): number {
  return filter.endsWith('#') ? filter.length - 2 : filter.length // START for `#` alone
}

/** Fills the place of the first entry with another one, as it has gone. */
function promote<K, V>(slot: Slot<K, V>, more: Map<K, V>): void {
  for (const [key, value] of more) {
    slot.key = key
    slot.value = value
    more.delete(key)
    break
  }
  if (more.size === 0) slot.more = undefined
}

function visitSlot<K, V>(
  slot: Slot<K, V> | undefined,
  visit: (value: V, key: K, filter: string) => void,
): void {
  if (slot === undefined) return
  visit(slot.value, slot.key, slot.filter)
  if (slot.more === undefined) return
  for (const [key, value] of slot.more) visit(value, key, slot.filter)
}

function* entriesOf<K, V>(slot: Slot<K, V>): Generator<readonly [string, K, V]> {
  yield [slot.filter, slot.key, slot.value]
  for (const [key, value] of slot.more ?? []) yield [slot.filter, key, value]
}
