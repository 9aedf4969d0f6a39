// Covers `src/model/secret.ts`, too.

import { describe, expect, it } from 'vitest'
import { secret } from '../../src/config/secret.ts'

describe('a setting that must be a secret', () => {
  it('keeps the name alone, so that no value comes along', () => {
    const given = { secret: 'TOKEN', value: 'hunter2', toString: () => 'hunter2' }
    expect(secret.parse(given)).toEqual({ secret: 'TOKEN' })
  })

  it.each(['hunter2', 4711, null, undefined, {}, { secret: 4711 }])(
    'refuses %o without showing it, and says what to write',
    (value) => {
      const { error } = secret.safeParse(value)
      expect(error?.issues).toEqual([
        expect.objectContaining({
          message: expect.stringMatching(/^is a secret: write secret\('NAME'\)/) as string,
        }),
      ])
      expect(error?.message).not.toMatch(/hunter2|4711/)
    },
  )
})
