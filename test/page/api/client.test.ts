import { afterEach, describe, expect, it, vi } from 'vitest'
import { getJson, postJson } from '../../../src/page/api/client.ts'

afterEach(() => vi.unstubAllGlobals())

const answering = (answer: () => Promise<Response>) => {
  const fetch = vi.fn<(path: string, request: RequestInit) => Promise<Response>>(answer)
  vi.stubGlobal('fetch', fetch)
  return fetch
}

describe('a question to the hub', () => {
  it('has its parameters in the address and is answered with what the hub said', async () => {
    const fetch = answering(async () => Response.json({ ok: true }))
    expect(await getJson('/api/events', { filter: 'a/#', limit: 5, before: undefined })).toEqual({ ok: true })
    expect(fetch.mock.calls[0]).toEqual(['/api/events?filter=a%2F%23&limit=5', {}])
  })

  it('is answered with payloads whose numbers are as they came', async () => {
    answering(async () => new Response('[{"payload":{"id":9007199254740993,"level":1.0}}]'))
    expect(JSON.stringify(await getJson('/api/events'))).toBe(
      '[{"payload":{"id":9007199254740993,"level":1.0}}]',
    )
  })

  it('posts JSON, which no form of another page can', async () => {
    const fetch = answering(async () => Response.json({ event: 4 }))
    expect(await postJson('/api/runs/3/retry', { by: 'anna' })).toEqual({ event: 4 })
    expect(fetch.mock.calls[0]?.at(1)).toMatchObject({
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"by":"anna"}',
    })
  })

  it.each([
    [
      'with its sentence',
      Response.json({ error: 'There is no run 3.' }, { status: 404 }),
      'There is no run 3.',
      404,
    ],
    ['by its number', new Response('<html>', { status: 502 }), 'The hub answered 502.', 502],
    ['that is no JSON', new Response('hello', { status: 200 }), 'The hub answered 200.', 200],
  ])('fails %s', async (_how, response, message, status) => {
    answering(async () => response)
    await expect(getJson('/api/runs/3')).rejects.toMatchObject({ name: 'ApiError', message, status })
  })

  it('fails with a sentence when no hub is there', async () => {
    answering(() => Promise.reject(new TypeError('Failed to fetch')))
    await expect(getJson('/api/status')).rejects.toMatchObject({
      message: 'The hub does not answer.',
      status: 0,
    })
  })

  it('fails with a sentence when the answer breaks off', async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.error(new TypeError('network error')),
    })
    answering(async () => new Response(body))
    await expect(getJson('/api/status')).rejects.toMatchObject({
      message: 'The hub does not answer.',
      status: 0,
    })
  })

  it('tells the caller who gave it up as the browser does', async () => {
    answering(() => Promise.reject(new DOMException('aborted', 'AbortError')))
    await expect(getJson('/api/status')).rejects.toMatchObject({ name: 'AbortError' })
  })
})
