/**
 * The nodes of the subscription tree. Each stands for as many levels as its filters have in common: where a
 * filter is alone, for all that are left of it. `S` is what is known of one filter.
 *
 * Always: a node other than the root has a filter of its own or two children, so that there are at most twice
 * as many nodes as filters, however deep they are.
 */

import { childAt, iterateChildren, withChild, withoutChild } from './children.ts'
import type { Children } from './children.ts'

export class FilterNode<S> {
  readonly level: string
  /** The levels that follow on the first, each with its slash before it. */
  tail: string
  children: Children<FilterNode<S>> = undefined
  plus: FilterNode<S> | undefined = undefined
  /** The filter that ends with this node, and the one that goes on from here with `#`. */
  end: S | undefined = undefined
  rest: S | undefined = undefined

  constructor(level: string, tail: string) {
    this.level = level
    this.tail = tail
  }
}

export const NO_MATCH = -1
/** Comparing 64 characters is about as dear as going to another node. */
const PIECE_BITS = 6
const SLASH = 0x2f
const PLUS = 0x2b

export function levelEnd(text: string, from: number): number {
  const slash = text.indexOf('/', from)
  return slash === -1 ? text.length : slash
}

/** The cost of comparing a topic with a node. */
export const workOf = ({ tail }: { readonly tail: string }): number => 1 + (tail.length >>> PIECE_BITS)

/** Returns the offset in the topic after the levels that match the tail, if those from `at` on do. */
export function matchTail(tail: string, topic: string, at: number): number {
  if (tail === '') return at
  let to = at
  for (let from = 0; from < tail.length; from++) {
    const code = tail.charCodeAt(from)
    if (code === PLUS) {
      // A + is a whole level: the slash before it has been compared.
      to = levelEnd(topic, to)
    } else if (topic.charCodeAt(to) === code) to++
    else return NO_MATCH
  }
  return to === topic.length || topic.charCodeAt(to) === SLASH ? to : NO_MATCH
}

/** Returns the length of the whole levels that the tail and the filter from `at` on have in common. */
export function commonLevels(tail: string, filter: string, at: number): number {
  let common = 0
  let length = 0
  while (length < tail.length && tail.charCodeAt(length) === filter.charCodeAt(at + length)) {
    if (tail.charCodeAt(length) === SLASH) common = length
    length++
  }
  const tailEnds = length === tail.length || tail.charCodeAt(length) === SLASH
  const filterEnds = at + length === filter.length || filter.charCodeAt(at + length) === SLASH
  return tailEnds && filterEnds ? length : common
}

export function childOf<S>(node: FilterNode<S>, level: string): FilterNode<S> | undefined {
  return level === '+' ? node.plus : childAt(node.children, level)
}

/** A level has not been there below the node. */
export function attach<S>(node: FilterNode<S>, child: FilterNode<S>): void {
  if (child.level === '+') node.plus = child
  else node.children = withChild(node.children, child)
}

/**
 * Makes two nodes of one: what lies behind the first so many characters of its tail gets one of its own, with
 * all that there is below.
 */
export function split<S>(node: FilterNode<S>, length: number): void {
  const next = levelEnd(node.tail, length + 1)
  const lower = new FilterNode<S>(node.tail.slice(length + 1, next), node.tail.slice(next))
  takeOver(lower, node)
  node.tail = node.tail.slice(0, length)
  node.children = node.plus = node.end = node.rest = undefined
  attach(node, lower)
}

/** The reverse, where nothing but one child has been left. */
function join<S>(node: FilterNode<S>): void {
  const only = onlyChild(node)
  if (only === undefined || (node.end ?? node.rest)) return
  node.tail = `${node.tail}/${only.level}${only.tail}`
  takeOver(node, only)
}

function takeOver<S>(to: FilterNode<S>, from: FilterNode<S>): void {
  to.children = from.children
  to.plus = from.plus
  to.end = from.end
  to.rest = from.rest
}

function onlyChild<S>({ plus, children }: FilterNode<S>): FilterNode<S> | undefined {
  if (children === undefined) return plus
  if (plus !== undefined || (children instanceof Map && children.size > 1)) return undefined
  return iterateChildren(children).next().value as FilterNode<S>
}

/** Takes out the last node of the path when it has become empty, and joins what need not be two any more. */
export function prune<S>(path: readonly FilterNode<S>[]): void {
  const node = path.at(-1)!
  const parent = path.at(-2)
  if (parent === undefined) return
  if (node.end ?? node.rest ?? node.plus ?? node.children) return join(node)
  if (parent.plus === node) parent.plus = undefined
  else parent.children = withoutChild(parent.children, node.level)
  if (path.length > 2) join(parent)
}
