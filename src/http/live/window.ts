// The rows of the tree that one page shows: those between two positions, as the tree looks with some levels open.
// Only open levels are walked; the children of each are skipped in one step, however many there are.

import { placeOf, sortSome } from './topic-index.ts'
import type { TopicNode } from './topic-node.ts'

export interface WindowRow {
  readonly node: TopicNode
  /** 1 for the first level. */
  readonly level: number
  /** The place among its siblings, from 1, of so many. */
  readonly position: number
  readonly size: number
  readonly isOpen: boolean
}

export interface Window {
  /** How many rows there are in all. */
  readonly total: number
  readonly rows: readonly WindowRow[]
  /** Some levels have children that are not among the rows yet: the next frames bring them. */
  readonly isUnsorted: boolean
}

/**
 * @param open the levels whose children show; one inside of a closed level does not count
 * @param from position of the first row, from 0
 * @param isShown leaves the other levels out
 */
export function windowOf(
  root: TopicNode,
  open: ReadonlySet<TopicNode>,
  from: number,
  count: number,
  isShown?: (node: TopicNode) => boolean,
): Window {
  const openIn = Map.groupBy(open, ({ parent }) => parent)
  const rows: WindowRow[] = []
  let position = 0
  let isUnsorted = false

  function walk(node: TopicNode, level: number): void {
    isUnsorted = sortSome(node) || isUnsorted
    const sorted = isShown ? node.sorted.filter((each) => isShown(each)) : node.sorted
    const places = (openIn.get(node) ?? [])
      .filter(({ children }) => children !== null)
      .map((child) => (isShown ? sorted.indexOf(child) : placeOf(node, child)))
      .filter((place) => place >= 0)
      .toSorted((a, b) => a - b)
    let next = 0
    for (const place of places) {
      show(sorted, next, place, level, false)
      show(sorted, place, place + 1, level, true)
      walk(sorted[place]!, level + 1)
      next = place + 1
    }
    show(sorted, next, sorted.length, level, false)
  }

  /** The siblings from `start` up to `end`, as far as they are in the window. */
  function show(
    siblings: readonly TopicNode[],
    start: number,
    end: number,
    level: number,
    isOpen: boolean,
  ): void {
    const first = Math.max(start, start + from - position)
    const last = Math.min(end, start + from + count - position)
    for (let place = first; place < last; place++)
      rows.push({
        node: siblings[place]!,
        level,
        position: place + 1,
        size: siblings.length,
        isOpen: isOpen && siblings[place]!.children !== null,
      })
    position += end - start
  }

  walk(root, 1)
  return { total: position, rows, isUnsorted }
}
