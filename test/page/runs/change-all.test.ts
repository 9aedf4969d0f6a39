import { afterEach, expect, it, vi } from 'vitest'
import { changeAll } from '../../../src/page/runs/change-all.ts'

afterEach(() => vi.unstubAllGlobals())

const answering = (answer: object) => {
  const fetch = vi.fn<(path: string, request: RequestInit) => Promise<Response>>(async () =>
    Response.json(answer),
  )
  vi.stubGlobal('fetch', fetch)
  return fetch
}

it('changes all by one request, and says how many', async () => {
  const fetch = answering({ changed: 2, refused: [] })
  expect(await changeAll([3, 2], 'discard')).toBe('2 runs are discarded.')
  expect(fetch.mock.calls[0]).toMatchObject([
    '/api/runs/change',
    { method: 'POST', body: '{"change":"discard","ids":[3,2]}' },
  ])
})

it('says how many could not be changed, and why', async () => {
  answering({ changed: 1, refused: [{ id: 2, reason: 'Run 2 is done.' }] })
  expect(await changeAll([3, 2], 'retry')).toBe('1 run is tried again. 1 could not be: Run 2 is done.')
})
