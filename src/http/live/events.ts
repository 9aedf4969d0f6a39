// Events as they come, as server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html). A stream follows the journal behind a
// position, as the engine does: what was missed and what comes are read in the same way, so there is no seam
// between them. Nothing is read before the reader has taken what it was sent, so nothing gathers in memory.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import type { Clock } from '../../base/clock.ts'
import type { Event } from '../../model/event.ts'
import { eventJson } from '../../model/event-json.ts'
import type { HttpFigures } from '../../model/hub-status.ts'
import { jsonText } from '../../model/json.ts'
import type { EventConditions, Queries } from '../../model/queries.ts'
import { type HttpCaller, maySee } from '../caller.ts'
import { CommitWatch } from '../commit-watch.ts'
import type { OnCommit } from '../commit-watch.ts'
import { conditionsOf, eventConditions } from '../params.ts'
import { route } from '../route.ts'
import type { Resource } from '../route.ts'

export interface LivePorts {
  readonly queries: Remote<Pick<Queries, 'historyPage'>>
  readonly onCommit: OnCommit
  /** Returns the id up to which every event is committed. */
  readonly committedId: () => number
  readonly clock: Pick<Clock, 'after' | 'steady'>
  /** Figures that `/api/status` shows. */
  readonly live: { -readonly [Name in keyof HttpFigures]: number }
}

const MOST_STREAMS = 64
const GAP_MS = 50
/** Proxies end connections on which nothing is said for a minute. */
const HEARTBEAT_MS = 15_000
/** How long a reader may take nothing of what it was sent. */
const PATIENCE_MS = 30_000
/** How long a browser waits before it comes back. */
const RETRY_MS = 2_000
/** What is read and sent at one time. */
const PIECE = { limit: 200, bytes: 2 ** 20, looks: 50_000 }

/** A time is no condition on what is yet to come. */
const conditions = {
  filter: eventConditions.filter,
  origin: eventConditions.origin,
  client: eventConditions.client,
  contains: eventConditions.contains,
  'json-path': eventConditions['json-path'],
}

export const liveRoutes = (ports: LivePorts): Resource => ({
  name: 'Live',
  about: 'Events as they come.',
  routes: [
    route(
      {
        method: 'GET',
        path: '/api/events/live',
        summary: 'Follow the events, as server-sent events',
        about:
          'Each event has its number as `id` and, as `data`, what `GET /api/events` shows of it. A stream that is ' +
          'asked for with the header `Last-Event-ID`, as browsers do when they come back, begins after that event; ' +
          'otherwise with the next one. Only recorded events are sent. A reader that takes nothing for 30 s is cut ' +
          'off, and may come back.',
        needs: 'read',
        query: {
          ...conditions,
          after: z.coerce.number().int().min(0).optional().describe('Begin after this event.'),
        },
        answers: {
          200: { says: 'The stream.', type: 'text/event-stream', schema: z.string() },
          503: 'Too many streams are open.',
        },
      },
      ({ query: { after, ...asked }, context }) => {
        if (ports.live.streams >= MOST_STREAMS)
          throw new HTTPException(503, {
            message: `${MOST_STREAMS} streams are open, and that is the most at one time.`,
          })
        const last = lastEventId(context.req.header('last-event-id')) ?? after ?? ports.committedId()
        return new Response(stream(conditionsOf(asked), last, context.get('caller'), ports), {
          headers: {
            'Content-Type': 'text/event-stream; charset=utf-8',
            'Cache-Control': 'no-store',
            // nginx would hold the events back.
            'X-Accel-Buffering': 'no',
          },
        })
      },
    ),
  ],
})

function lastEventId(header: string | undefined): number | undefined {
  if (header === undefined || header === '') return undefined
  if (/^\d{1,15}$/.test(header)) return Number(header)
  throw new HTTPException(400, { message: 'Last-Event-ID is to be the number of an event.' })
}

function stream(
  asked: EventConditions,
  from: number,
  caller: HttpCaller,
  ports: LivePorts,
): ReadableStream<Uint8Array> {
  const { queries, clock, live, onCommit } = ports
  const watch = new CommitWatch({ onCommit, clock, gapMs: GAP_MS })
  let after = from
  let isAll = false
  let cancelPatience = (): void => {}
  live.streams++
  const end = (): void => {
    if (watch.stopped) return
    watch.stop()
    cancelPatience()
    live.streams--
  }

  /**
   * What is to be sent next: events, or after a while without any, the position that was reached; '': the
   * end.
   */
  async function next(): Promise<string> {
    const quietUntil = clock.steady() + HEARTBEAT_MS
    while (!watch.stopped) {
      const leftMs = quietUntil - clock.steady()
      // Whoever comes back does not look again at what was looked at.
      if (leftMs <= 0) return `id: ${after}\n: nothing new\n\n`
      if (isAll) await watch.next(leftMs)
      const page = await queries.historyPage({ ...asked, ...PIECE, after })
      isAll = page.isAll
      after = Math.max(after, page.reached)
      // Whoever comes back is let in with the rights of then.
      if (!caller.isStill()) return ''
      const seen = page.events.filter(({ topic }) => maySee(caller, topic))
      if (seen.length > 0) return seen.map(frame).join('')
    }
    return ''
  }

  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(bytesOf(`retry: ${RETRY_MS}\n\n`)),
      async pull(controller) {
        cancelPatience()
        try {
          const text = await next()
          if (watch.stopped) return
          if (text === '') {
            end()
            return controller.close()
          }
          controller.enqueue(bytesOf(text))
          cancelPatience = clock.after(PATIENCE_MS, () => {
            live.cutOff++
            end()
            controller.error(new Error('The reader of a stream took nothing for too long.'))
          })
        } catch (error) {
          end()
          controller.error(error)
        }
      },
      cancel: end,
    },
    // Nothing is read ahead of what the socket has taken.
    { highWaterMark: 1 },
  )
}

const frame = (event: Event): string => `id: ${event.id}\ndata: ${jsonText(eventJson(event))}\n\n`

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
