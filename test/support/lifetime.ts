// What a test begins ends with it: hubs, clients, folders. What several tests share ends with the last of them.

import { onTestFinished } from 'vitest'

type End = () => unknown

/** The ends of what the tests of a block share, while that is begun. */
let shared: End[] | undefined

/** Calls this when the test is over, or all the tests for which `forAllTests` begins something. */
export function whenOver(end: End): void {
  if (shared) shared.push(end)
  else onTestFinished(async () => void (await end()))
}

/**
 * For `beforeAll(forAllTests(async () => …))`: what is begun in there is ended behind the last test of the block, the
 * latest first.
 */
export const forAllTests = (begin: () => Promise<void>) => async (): Promise<() => Promise<void>> => {
  const ends = (shared = [] as End[])
  try {
    await begin()
  } finally {
    shared = undefined
  }
  return async () => {
    for (const end of ends.toReversed()) await end()
  }
}
