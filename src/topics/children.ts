/**
 * The children of a tree node: none, one, or a Map from the second on. Most nodes of a topic tree have one
 * child or none, and a Map for each would cost more memory than all the rest of the tree.
 */

export type Children<N extends { readonly level: string }> = undefined | N | Map<string, N>

export function childAt<N extends { readonly level: string }>(
  children: Children<N>,
  level: string,
): N | undefined {
  if (children === undefined) return undefined
  if (children instanceof Map) return children.get(level)
  return children.level === level ? children : undefined
}

/** The child must be new. */
export function withChild<N extends { readonly level: string }>(
  children: Children<N>,
  child: N,
): Children<N> {
  if (children === undefined) return child
  const map = children instanceof Map ? children : new Map([[children.level, children]])
  return map.set(child.level, child)
}

export function withoutChild<N extends { readonly level: string }>(
  children: Children<N>,
  level: string,
): Children<N> {
  if (children instanceof Map) {
    children.delete(level)
    return children.size === 0 ? undefined : children
  }
  return children?.level === level ? undefined : children
}

/**
 * Iterates over the children. They may change meanwhile: a child that is added then may or may not be seen.
 */
export function iterateChildren<N extends { readonly level: string }>(children: Children<N>): Iterator<N> {
  if (children instanceof Map) return children.values()
  return (children === undefined ? [] : [children]).values()
}
