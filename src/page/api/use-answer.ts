// What the hub answers to a question, for as long as a component is shown. A question that is asked again and
// again is not asked while nobody sees the page.

import { useCallback, useEffect, useState } from 'preact/hooks'
import { useStore } from '../shell/store.ts'
import { visible } from '../shell/visible.ts'
import { type ApiError, getJson, type Query } from './client.ts'

export interface Answer<T> {
  /** The last answer to this question; it stays while the next one is under way, and when that fails. */
  readonly data: T | undefined
  /** Why the last question was not answered; `null` when it was. */
  readonly error: ApiError | null
  reload(this: void): void
}

interface Asked<T> {
  readonly question: string
  readonly data: T | undefined
  readonly error: ApiError | null
}

/**
 * @param everyMs asks again so long after each answer; absent: only when the question changes, or on `reload`
 * @param get asks; the same function for as long as the component is shown
 */
export function useAnswer<T>(
  path: string,
  query: Query = {},
  everyMs?: number,
  get: (path: string, query: Query, signal: AbortSignal) => Promise<T> = getJson<T>,
): Answer<T> {
  const question = JSON.stringify([path, query])
  const isVisible = useStore(visible)
  const [round, setRound] = useState(0)
  const [asked, setAsked] = useState<Asked<T>>({ question, data: undefined, error: null })

  useEffect(() => {
    if (!isVisible) return undefined
    const controller = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      try {
        const data = await get(path, query, controller.signal)
        if (controller.signal.aborted) return
        setAsked({ question, data, error: null })
      } catch (error) {
        if (controller.signal.aborted) return
        setAsked((before) => ({
          question,
          data: before.question === question ? before.data : undefined,
          error: error as ApiError,
        }))
      }
      if (everyMs !== undefined) timer = setTimeout(() => void ask(), everyMs)
    }
    void ask()
    return () => {
      controller.abort()
      clearTimeout(timer)
    }
  }, [question, isVisible, everyMs, round])

  const reload = useCallback(() => setRound((before) => before + 1), [])
  const isCurrent = asked.question === question
  return {
    data: isCurrent ? asked.data : undefined,
    error: isCurrent ? asked.error : null,
    reload,
  }
}
