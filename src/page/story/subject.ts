// Finds in a story what was asked about.

import type { StoryNode } from '../api/answers.ts'

export function subjectOf(node: StoryNode): StoryNode | undefined {
  if (node.subject) return node
  for (const child of node.children) {
    const found = subjectOf(child)
    if (found) return found
  }
  return undefined
}

/** How many events and runs follow from a node. */
export const consequencesOf = (node: StoryNode): number =>
  node.children.reduce((sum, child) => sum + 1 + consequencesOf(child), node.omitted ?? 0)
