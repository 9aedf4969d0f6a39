// Pages of messages as one caller may see them.

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
