import { expect, it } from 'vitest'
import { searchFor } from '../../../src/page/topics/search.ts'

it.each([
  ['', false, null],
  ['  ', true, null],
  ['lamp', false, { text: 'lamp' }],
  ['house/+/lamp', false, { filter: 'house/+/lamp' }],
  ['#', false, { filter: '#' }],
  ['a+b c#', false, { text: 'a+b c#' }],
  ['house/# lamp', false, { filter: 'house/#', text: 'lamp' }],
  ['open the door', true, { payload: 'open the door' }],
  ['+/door open', true, { filter: '+/door', payload: 'open' }],
])('%j with payloads %s searches for %j', (text, payloads, search) => {
  expect(searchFor(text, payloads)).toEqual({ search, problem: null })
})

it('says what is wrong with a filter', () => {
  expect(searchFor('a/#/b', false)).toEqual({ search: null, problem: expect.stringContaining('#') as string })
})
