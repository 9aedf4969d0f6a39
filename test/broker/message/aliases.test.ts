import { expect, it } from 'vitest'
import { Aliases } from '../../../src/broker/message/aliases.ts'

it('gives the first topics one alias each, told with the name once', () => {
  const aliases = new Aliases(2)
  expect(aliases.of('home/hall', 9)).toBe(-1)
  expect(aliases.of('home/hall', 9)).toBe(-1)
  aliases.learn('home/hall')
  expect(aliases.of('home/hall', 9)).toBe(1)
  expect(aliases.of('home/attic', 10)).toBe(-2)
  aliases.learn('home/attic')
  expect([aliases.of('home/attic', 10), aliases.of('home/yard', 9)]).toEqual([2, 0])
})

it('gives none to a name that is no longer than an alias', () => {
  const aliases = new Aliases(2)
  expect([aliases.of('a/b', 3), aliases.of('a/bc', 4)]).toEqual([0, -1])
})
