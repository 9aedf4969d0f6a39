// Pages of messages as one caller may see them.

import type { Event } from '../model/event.ts'
import type { HistoryPage } from '../model/queries.ts'
import type { HttpCaller } from './caller.ts'
import { maySee } from './caller.ts'

/**
 * Reads on until a page holds something that the caller may receive: an empty page is the last one.
 * @param read the rows after a topic, in the order of their topics
 */
export async function seenRows<T extends { readonly topic: string }>(
  caller: HttpCaller,
  after: string | undefined,
  read: (after: string | undefined) => Promise<{ readonly rows: readonly T[]; readonly isAll: boolean }>,
): Promise<{ readonly rows: readonly T[]; readonly isAll: boolean }> {
  for (let from = after; ;) {
    const { rows, isAll } = await read(from)
    const seen = rows.filter(({ topic }) => maySee(caller, topic))
    if (seen.length > 0 || isAll) return { rows: seen, isAll }
    from = rows.at(-1)?.topic
  }
}

/** Rows that are read at one time for a caller from whom some are hidden. */
const READ_AT_ONCE = 1_000

/**
 * A page of events. Nothing in it depends on events that the caller may not receive: were it known where one
 * of them fits the conditions, its payload could be found out by asking (`contains`).
 * @param gone whoever asks has gone: nothing more is read
 */
export async function seenHistory<
  Q extends {
    readonly limit: number
    readonly before?: number | undefined
    readonly after?: number | undefined
  },
>(
  caller: HttpCaller,
  query: Q,
  read: (query: Q) => Promise<HistoryPage>,
  gone: AbortSignal,
): Promise<HistoryPage> {
  if (caller.sees === null) return read(query)
  const { limit } = query
  let asked = { ...query, limit: Math.max(limit, READ_AT_ONCE) }
  while (!gone.aborted) {
    const { events, reached, isAll } = await read(asked)
    const seen = events.filter(({ topic }) => maySee(caller, topic)).slice(0, limit)
    const last: Event | undefined = seen.at(-1)
    if (last !== undefined) return { events: seen, reached: last.id, isAll: false }
    if (isAll) return { events: [], reached: query.before ?? query.after ?? 0, isAll: true }
    asked = { ...asked, ...(query.after === undefined ? { before: reached } : { after: reached }) }
  }
  return { events: [], reached: 0, isAll: true }
}
