import { expect, it } from 'vitest'
import type { Event } from '../../../src/model/event.ts'
import type { EventNode, RunNode } from '../../../src/model/story.ts'
import { storyOf } from '../../../src/journal/queries/story.ts'
import { event } from '../nouns.ts'

/** A store in which an event has led to a hundred, and each of these to a hundred more. */
const storm = (bytes: number) => {
  const payload = Buffer.alloc(bytes)
  const caused = (by: number, each: number): Event =>
    event(by * 100 + each, { payload, cause: { event: by, run: null, depth: 1 } })
  return {
    event: (id: number) => event(id),
    run: () => undefined,
    runsOf: () => [],
    verdictsOf: () => [],
    attemptsOf: () => [],
    consequencesOf: (id: number) =>
      id < 10_000 ? Array.from({ length: 100 }, (_, each) => caused(id, each)) : [],
  }
}

const nodesOf = (node: EventNode | RunNode): readonly (EventNode | RunNode)[] => [
  node,
  ...node.children.flatMap((child) => nodesOf(child)),
]

/** It is one of the first hundred consequences. */
const isFirst = (node: EventNode | RunNode): boolean =>
  node.kind === 'event' && node.event.id > 1 && node.event.id < 10_000

it('tells at most 2,000 consequences, and how many are left out where', () => {
  const { root } = storyOf(storm(5), { kind: 'event', id: 1 })!
  const nodes = nodesOf(root)
  expect(nodes).toHaveLength(2_001)
  const omitted = nodes.map((node) => node.omitted).reduce((sum, count) => sum + count)
  expect(nodes.length + omitted).toBe(1 + 100 + 100 * nodes.filter(isFirst).length)
})

it('ends where the payloads have reached 4 MiB', () => {
  const { root } = storyOf(storm(2 ** 20), { kind: 'event', id: 1 })!
  expect(nodesOf(root)).toHaveLength(5)
})

it('knows nothing of an event that the store does not have', () => {
  expect(storyOf({ ...storm(0), event: () => undefined }, { kind: 'event', id: 1 })).toBeUndefined()
})
