import { expect, it } from 'vitest'
import { localProblem } from '../../src/http-client/local-errors.ts'

it('tells what is wrong with this machine, with the code of the system', () => {
  expect(localProblem({ code: 'EMFILE' })).toBe('the hub has too many files open (EMFILE)')
})

it.each([[{ code: 'ECONNREFUSED' }], [{ code: 'toString' }], [new Error('no code')]])(
  'says nothing of %o, which is not of this machine',
  (error) => {
    expect(localProblem(error)).toBeUndefined()
  },
)
