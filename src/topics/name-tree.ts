/**
 * The reverse of the subscription tree: topic names with one value each, asked with a filter (retained
 * messages, last known values). Always: a name is in the tree while it has a value, an emptied branch is
 * pruned at once, and nothing recurses. Names and filters are valid; empty levels are levels.
 */

import { childAt, iterateChildren, withChild, withoutChild } from './children.ts'
import type { Children } from './children.ts'
import { levelEnd } from './filter-nodes.ts'
import { type Hides, hidesDollar } from './hidden.ts'

export class NameTree<V> {
  readonly #root = new Node<V>('')
  readonly #hides: Hides
  #size = 0

  /** @param hides what wildcards in the first level leave out; by default what begins with `$` */
  constructor(hides: Hides = hidesDollar) {
    this.#hides = hides
  }

  get size(): number {
    return this.#size
  }

  get(topic: string): V | undefined {
    let node: Node<V> | undefined = this.#root
    for (const level of topic.split('/')) {
      node = childAt(node.children, level)
      if (node === undefined) return undefined
    }
    return node.held?.value
  }

  /** Returns whether the name is new; an old one has its value replaced. */
  set(topic: string, value: V): boolean {
    let node = this.#root
    for (const level of topic.split('/')) {
      let child = childAt(node.children, level)
      if (child === undefined) {
        child = new Node<V>(level)
        node.children = withChild(node.children, child)
      }
      node = child
    }
    const isNew = node.held === undefined
    if (isNew) this.#size++
    node.held = { topic, value }
    return isNew
  }

  /** Returns whether the name was there. */
  delete(topic: string): boolean {
    const path = [this.#root]
    for (const level of topic.split('/')) {
      const child = childAt(path.at(-1)!.children, level)
      if (child === undefined) return false
      path.push(child)
    }
    const node = path.at(-1)!
    if (node.held === undefined) return false
    node.held = undefined
    this.#size--
    prune(path)
    return true
  }

  /** Whether the tree holds the levels before the filter's first wildcard. If not, nothing matches. */
  mayMatch(filter: string): boolean {
    let node: Node<V> | undefined = this.#root
    for (let start = 0, end = 0; end < filter.length; start = end + 1) {
      end = levelEnd(filter, start)
      const level = filter.slice(start, end)
      if (level === '+' || level === '#') return true
      node = childAt(node.children, level)
      if (node === undefined) return false
    }
    return node.held !== undefined
  }

  /**
   * The names that match the filter, as [topic, value], each found only when it is asked for: stop when
   * enough is had, or go on in a later turn. The tree may change meanwhile: what was deleted is not told,
   * what was added may be.
   */
  *match(filter: string): Generator<readonly [topic: string, value: V]> {
    for (const found of this.search(filter)) if (found !== null) yield found
  }

  /**
   * Like `match`, but also yields null after every few nodes without a name, so that a caller can pause a
   * long search and resume it.
   */
  search(filter: string): Generator<readonly [topic: string, value: V] | null> {
    const levels = filter.split('/')
    const wild = levels[0] === '+' || levels[0] === '#'
    return walk(this.#root, levels, (first) => !(wild && this.#hides(first))) // [MQTT-4.7.2-1]
  }

  /** All names, as [topic, value]. The tree may change meanwhile, as for `match`. */
  *[Symbol.iterator](): Generator<readonly [topic: string, value: V]> {
    for (const found of walk(this.#root, ['#'], () => true)) if (found !== null) yield found
  }
}

const NODES_A_STEP = 32

/**
 * Depth first, with one iterator for each level under way: stack[n] goes through the nodes that match the
 * first n levels.
 */
function* walk<V>(
  root: Node<V>,
  levels: readonly string[],
  entersFirst: (level: string) => boolean,
): Generator<readonly [topic: string, value: V] | null> {
  let visited = 0
  const all = levels.at(-1) === '#' ? levels.length - 1 : Infinity // the depth from which on everything matches
  const stack: Iterator<Node<V>>[] = [iterateChildren(root)]
  while (stack.length > 0) {
    if (++visited % NODES_A_STEP === 0) yield null
    const next = stack.at(-1)!.next()
    if (next.done === true) {
      stack.pop()
      continue
    }
    const node = next.value
    const depth = stack.length - 1
    if (depth === 1 && !entersFirst(node.level)) continue
    if (node.held !== undefined && (depth === levels.length || depth >= all)) {
      yield [node.held.topic, node.held.value]
    }
    if (depth >= all) stack.push(iterateChildren(node.children))
    else if (depth < levels.length) stack.push(childrenUnder(node, levels[depth]!))
  }
}

class Node<V> {
  readonly level: string
  children: Children<Node<V>> = undefined
  held: { readonly topic: string; readonly value: V } | undefined = undefined

  constructor(level: string) {
    this.level = level
  }
}

function childrenUnder<V>(node: Node<V>, level: string): Iterator<Node<V>> {
  if (level === '+') return iterateChildren(node.children)
  return iterateChildren(childAt(node.children, level))
}

function prune<V>(path: readonly Node<V>[]): void {
  for (let depth = path.length - 1; depth > 0; depth--) {
    const node = path[depth]!
    const parent = path[depth - 1]!
    if (node.held !== undefined || node.children !== undefined) return
    parent.children = withoutChild(parent.children, node.level)
  }
}
