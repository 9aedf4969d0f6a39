// The stream of frames of one page (server-sent events), and what the page wants to see in it. A page is told a
// name that nobody can guess when its stream begins, and asks by it: so no other page can change what it sees.

import { randomUUID } from 'node:crypto'
import { HTTPException } from 'hono/http-exception'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { route } from '../route.ts'
import type { Resource } from '../route.ts'
import { type Live, MOST_WATCHERS } from './live.ts'
import { viewsSchema } from './views.ts'

/** A comment now and then tells proxies, and us, that the other side is there. */
const BEAT_MS = 15_000

/** How soon a browser tries again when the stream has ended. */
const RETRY_MS = 1_000

export const pageLiveRoutes = (live: Live): Resource => ({
  name: 'Page',
  about: 'What the page of the hub is told as it happens.',
  routes: [
    route(
      {
        method: 'GET',
        path: '/api/live',
        summary: 'Open a stream for a page',
        about:
          'Server-sent events: `hello` with the name of the stream, then a `frame` at most every 250 ms, with what ' +
          'has changed in what the page asked for; `refused` where too many pages are open.',
        needs: 'read',
        answers: { 200: { says: 'The stream.', type: 'text/event-stream' } },
      },
      ({ context }) => {
        context.header('X-Accel-Buffering', 'no')
        return streamSSE(context, async (stream) => {
          const id = randomUUID()
          const closed = Promise.withResolvers<void>()
          stream.onAbort(() => closed.resolve())
          const send = (event: string, data: string): Promise<void> => stream.writeSSE({ event, data })
          const { sees, isStill } = context.get('caller')
          if (!live.enter(id, send, { sees, isStill, end: () => closed.resolve() })) {
            const message = `More than ${MOST_WATCHERS} pages are open on this hub; close one.`
            return send('refused', JSON.stringify({ message }))
          }
          const beat = setInterval(() => void stream.write(': beat\n\n'), BEAT_MS).unref()
          try {
            await stream.writeSSE({ event: 'hello', data: JSON.stringify({ id }), retry: RETRY_MS })
            await closed.promise
          } finally {
            clearInterval(beat)
            live.leave(id)
          }
        })
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/live/{id}',
        summary: 'Say what a page shows',
        about: 'In place of what it showed before. The next frame holds all of what is new.',
        needs: 'read',
        params: { id: z.string().describe('The name of the stream, from its `hello`.') },
        body: viewsSchema,
        answers: {
          200: { says: 'The frames will tell it.', schema: z.object({ ok: z.literal(true) }) },
          404: 'The stream has ended.',
        },
      },
      ({ params: { id }, body }) => {
        if (live.want(id, body)) return { ok: true }
        throw new HTTPException(404, { message: 'This page is not open any more; its stream has ended.' })
      },
    ),
  ],
})
