// How long models hunt, and for what: VIGIE_MODEL_RUNS=5000 hunts for longer; a failure says the seed, and VIGIE_MODEL_SEED repeats it.

import * as fc from 'fast-check'
import { reach } from '../support/reach.ts'

const { VIGIE_MODEL_RUNS = reach('25', '500'), VIGIE_MODEL_SEED } = process.env
export const RUNS = {
  numRuns: Number(VIGIE_MODEL_RUNS),
  ...(VIGIE_MODEL_SEED !== undefined && { seed: Number(VIGIE_MODEL_SEED) }),
}
export const OPTIONS = { timeout: 30_000 + RUNS.numRuns * 2_000 }

/** What happens, step by step. */
export const plan = <T>(step: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(step, { minLength: 5, maxLength: 60, size: 'max' })

/** A session that outlives its connection. */
export const kept = (window: number) => ({
  clean: false,
  properties: { sessionExpiryInterval: 3_600, receiveMaximum: window },
})
