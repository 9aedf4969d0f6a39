import { expect, it } from 'vitest'
import type { StoryNode } from '../../../src/page/api/answers.ts'
import { consequencesOf, subjectOf } from '../../../src/page/story/subject.ts'

const node = (id: number, rest: Partial<StoryNode> = {}): StoryNode =>
  ({ kind: 'event', id, children: [], ...rest }) as unknown as StoryNode

const tree = node(1, {
  children: [node(2, { subject: true, omitted: 4, children: [node(3), node(4, { children: [node(5)] })] })],
})

it('finds what was asked about, however deep it lies', () => {
  expect(subjectOf(tree)?.id).toBe(2)
  expect(subjectOf(node(1))).toBeUndefined()
})

it('counts what followed, also what is left out', () => {
  expect(consequencesOf(subjectOf(tree)!)).toBe(7)
})
