// What changed between two texts, line by line: the shortest list of lines that went and came (the longest common
// subsequence). Texts of very many lines are compared at their beginnings.

export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
}

/** The table has the square of this many cells. */
const MOST_LINES = 600

export function diffLines(before: string, after: string): DiffLine[] {
  const old = before.split('\n').slice(0, MOST_LINES)
  const now = after.split('\n').slice(0, MOST_LINES)
  const width = now.length + 1
  // common[i, j]: the length of what old from i and now from j have in common.
  const common = new Uint16Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      common[i * width + j] =
        old[i] === now[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!)
  const lines: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push({ kind: 'same', text: now[j]! })
      i++
      j++
    } else if (
      j === now.length ||
      (i < old.length && common[(i + 1) * width + j]! >= common[i * width + j + 1]!)
    ) {
      lines.push({ kind: 'removed', text: old[i++]! })
    } else lines.push({ kind: 'added', text: now[j++]! })
  }
  return lines
}
