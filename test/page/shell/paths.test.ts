import { describe, expect, it } from 'vitest'
import { matchPath, pathWith, withQuery } from '../../../src/page/shell/paths.ts'

describe('a path', () => {
  it.each([
    ['/', '/', {}],
    ['/runs', '/runs', {}],
    ['/runs', '/runs/', {}],
    ['/runs/:id', '/runs/17', { id: '17' }],
    ['/clients/:id', '/clients/a%2Fb%25', { id: 'a/b%' }],
    ['/runs', '/', null],
    ['/runs/:id', '/runs', null],
    ['/runs/:id', '/runs/17/more', null],
    ['/clients/:id', '/clients/%', null],
  ])('of the view %s may be %s', (pattern, path, params) => {
    expect(matchPath(pattern, path)).toEqual(params)
  })

  it.each([
    [{}, '/topics'],
    [{ q: 'a b/#', open: null, at: undefined, live: false, none: '' }, '/topics?q=a+b%2F%23'],
    [{ n: 0, on: true }, '/topics?n=0&on=1'],
  ])('takes the query %j', (query, path) => {
    expect(pathWith('/topics', query)).toBe(path)
  })
})

it('changes some values of a query and leaves the others', () => {
  const query = new URLSearchParams('a=1&b=2&c=3')
  expect(withQuery(query, { a: null, b: 'x', d: 4 }).toString()).toBe('b=x&c=3&d=4')
  expect(query.toString()).toBe('a=1&b=2&c=3')
})
