import { expect, it } from 'vitest'
import { shiftMoments } from '../../src/model/moments.ts'

it('moves every moment, wherever it stands, and nothing else', () => {
  const memory = { since: 5, heldAt: 100, at: 200, list: { seenAt: [1, 2], count: 3 }, none: null }
  expect(shiftMoments(memory, 10)).toEqual({
    since: 5,
    heldAt: 110,
    at: 210,
    list: { seenAt: [11, 12], count: 3 },
    none: null,
  })
})

it('moves moments of a time before the hub by less', () => {
  const earlier = { upToAt: 100, byMs: 1 }
  expect(shiftMoments({ oneAt: 100, otherAt: 101 }, 1_000, earlier)).toEqual({ oneAt: 101, otherAt: 1_101 })
})

it('moves what stands beside a setAt as that, which tells when all of it was set', () => {
  const earlier = { upToAt: 100, byMs: 1 }
  const timer = { setAt: 90, dueAt: 500 }
  expect(shiftMoments({ timer, dueAt: 500 }, 1_000, earlier)).toEqual({
    timer: { setAt: 91, dueAt: 501 },
    dueAt: 1_500,
  })
})
