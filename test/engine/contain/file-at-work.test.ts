import { expect, test } from 'vitest'
import { fileIn } from '../../../src/engine/contain/file-at-work.ts'

const UNITS = [
  { kind: 'file', name: 'rules/a.ts' },
  { kind: 'file', name: 'rules/my door.ts' },
  { kind: 'rule', name: 'a' },
] as const

const node = (url: string, hitCount = 0) => ({ hitCount, callFrame: { url } })

test.each([
  [[node(''), node('file:///home/me/rules/a.ts?v=0a', 6)], 'rules/a.ts'],
  [
    [node('file:///home/me/rules/a.ts?v=0a', 1), node('file:///home/me/rules/my%20door.ts?v=0a', 9)],
    'rules/my door.ts',
  ],
  [
    [node('file:///usr/lib/vigie/src/engine/steps/work.ts', 9), node('file:///home/me/rules/a.ts?v=0a')],
    'rules/a.ts',
  ],
  [
    [node('node:internal/timers', 9), node('file:///home/me/other/a.ts', 1), node('file://%zz', 2)],
    undefined,
  ],
  [[], undefined],
])('a profile shows in which rule file most of the time went by', (nodes, file) => {
  expect(fileIn({ nodes }, UNITS)?.name).toBe(file)
})
