import { expect, it } from 'vitest'
import { endingReads } from '../../src/engine/ending-reads.ts'
import type { EngineReads } from '../../src/model/store.ts'

it('ends the engine when the store cannot be read, so that no rule is blamed for it', () => {
  const failures: unknown[] = []
  const broken = new Error('disk I/O error')
  const reads = endingReads(
    {
      cursor: () => 7,
      lastOn: () => {
        throw broken
      },
    } as Partial<EngineReads> as EngineReads,
    (error) => failures.push(error),
  )
  expect(reads.cursor()).toBe(7)
  expect(failures).toEqual([])
  expect(() => reads.lastOn('a', 1)).toThrow(broken)
  expect(failures).toEqual([broken])
})
