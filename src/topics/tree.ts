/**
 * The subscription tree: from topic filters to values, asked with a topic name. One filter holds any number of values, each
 * under its own key (a session, a rule). Filters without wildcards lie in a flat Map, one look-up for all of them; only
 * the others form a tree of levels.
 *
 * Always: a match visits each (filter, key) at most once, follows no node that holds nothing, and never recurses, so that
 * no topic, however deep, costs more than the nodes it meets. Filters and topics are valid; empty levels are levels.
 */

import { childAt, iterateChildren, withChild, withoutChild } from './children.ts'
import type { Children } from './children.ts'

export class TopicTree<K, V> {
  readonly #exact = new Map<string, Slot<K, V>>()
  readonly #root = new Node<K, V>('')
  #size = 0

  /** The number of (filter, key) pairs. */
  get size(): number {
    return this.#size
  }

  /** Returns whether the pair is new; an old one has its value replaced. */
  set(filter: string, key: K, value: V): boolean {
    const slot = this.#slotOf(filter)
    if (slot === undefined) {
      this.#addSlot({ filter, key, value, more: undefined })
    } else if (slot.key === key) {
      slot.value = value
      return false
    } else {
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

  /** Calls `visit` for each value whose filter matches the topic, in no given order. `visit` must not change the tree. */
  match(topic: string, visit: (value: V, key: K, filter: string) => void): void {
    visitSlot(this.#exact.get(topic), visit)
    let nodes = [this.#root]
    let start = 0
    let slash = 0
    let wild = !topic.startsWith('$') // [MQTT-4.7.2-1] [v3 MQTT-4.7.2-1]
    while (slash !== -1 && nodes.length > 0) {
      slash = topic.indexOf('/', start)
      const level = slash === -1 ? topic.slice(start) : topic.slice(start, slash)
      const below: Node<K, V>[] = []
      for (const node of nodes) {
        if (wild) {
          visitSlot(node.rest, visit)
          if (node.plus !== undefined) below.push(node.plus)
        }
        const child = childAt(node.children, level)
        if (child !== undefined) below.push(child)
      }
      nodes = below
      start = slash + 1
      wild = true
    }
    for (const node of nodes) {
      visitSlot(node.end, visit)
      visitSlot(node.rest, visit) // `a/#` matches `a`
    }
  }

  collect(topic: string): V[] {
    const values: V[] = []
    this.match(topic, (value) => values.push(value))
    return values
  }

  /** All there is, as [filter, key, value]. */
  *[Symbol.iterator](): Generator<readonly [filter: string, key: K, value: V]> {
    for (const slot of this.#exact.values()) yield* entriesOf(slot)
    const stack: Node<K, V>[] = [this.#root]
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
    let node: Node<K, V> | undefined = this.#root
    for (const level of filter.split('/')) {
      if (level === '#') return node.rest
      node = level === '+' ? node.plus : childAt(node.children, level)
      if (node === undefined) return undefined
    }
    return node.end
  }

  #addSlot(slot: Slot<K, V>): void {
    if (!hasWildcard(slot.filter)) {
      this.#exact.set(slot.filter, slot)
      return
    }
    let node = this.#root
    for (const level of slot.filter.split('/')) {
      if (level === '#') {
        node.rest = slot
        return
      }
      node = level === '+' ? (node.plus ??= new Node(level)) : literalChild(node, level)
    }
    node.end = slot
  }

  #removeSlot(filter: string): void {
    if (this.#exact.delete(filter)) return
    const path = [this.#root]
    for (const level of filter.split('/')) {
      const node = path.at(-1)!
      const next = level === '+' ? node.plus : childAt(node.children, level)
      if (next !== undefined) path.push(next) // only the closing # has no node of its own
    }
    const last = path.at(-1)!
    if (filter.endsWith('#')) last.rest = undefined
    else last.end = undefined
    prune(path)
  }
}

/** The values of one filter. The first lies in the slot itself: most filters have just one. */
type Slot<K, V> = { readonly filter: string; key: K; value: V; more: Map<K, V> | undefined }

class Node<K, V> {
  readonly level: string
  children: Children<Node<K, V>> = undefined
  plus: Node<K, V> | undefined = undefined
  /** The filter that ends with this node, and the one that goes on from here with `#`. */
  end: Slot<K, V> | undefined = undefined
  rest: Slot<K, V> | undefined = undefined

  constructor(level: string) {
    this.level = level
  }
}

function hasWildcard(filter: string): boolean {
  return filter.endsWith('#') || filter.includes('+')
}

function literalChild<K, V>(node: Node<K, V>, level: string): Node<K, V> {
  const known = childAt(node.children, level)
  if (known !== undefined) return known
  const child = new Node<K, V>(level)
  node.children = withChild(node.children, child)
  return child
}

/** Takes out what has become empty, from the end of the path up. */
function prune<K, V>(path: readonly Node<K, V>[]): void {
  for (let depth = path.length - 1; depth > 0; depth--) {
    const node = path[depth]!
    const parent = path[depth - 1]!
    if (node.end ?? node.rest ?? node.plus ?? node.children) return
    if (parent.plus === node) parent.plus = undefined
    else parent.children = withoutChild(parent.children, node.level)
  }
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
