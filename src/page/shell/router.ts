// Where the page is: the address of the browser is the one place that holds it. A link inside of the page
// changes the address without loading anything; the state of a view is in the query.

import { useCallback, useMemo } from 'preact/hooks'
import { type QueryValue, withQuery } from './paths.ts'
import { useStore, Value } from './store.ts'

export interface Place {
  readonly path: string
  /** With its question mark; empty for none. */
  readonly search: string
}

const here = (): Place => ({ path: location.pathname, search: location.search })

const place = new Value<Place>(here())

export const usePlace = (): Place => useStore(place)

/** @param replace true: the back button does not come back to where the page is now */
function navigate(to: string, replace = false): void {
  if (to === location.pathname + location.search) return
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  place.set(here())
}

export type SetQuery = (changes: Readonly<Record<string, QueryValue>>, replace?: boolean) => void

/**
 * The query of the address, and what changes some of its values (see `withQuery`). Changes replace the entry of
 * the browser's history unless `replace` is false: the back button leads to another view, not to another letter.
 */
export function useQuery(): [URLSearchParams, SetQuery] {
  const { search } = usePlace()
  const query = useMemo(() => new URLSearchParams(search), [search])
  const setQuery = useCallback<SetQuery>((changes, replace = true) => {
    const next = withQuery(new URLSearchParams(location.search), changes).toString()
    navigate(location.pathname + (next === '' ? '' : `?${next}`), replace)
  }, [])
  return [query, setQuery]
}

/** Follows the buttons of the browser, and the links of the page. */
export function startRouter(): void {
  addEventListener('popstate', () => place.set(here()))
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest('a')
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (!link || !isPlain || event.defaultPrevented || !isInside(link)) return
    event.preventDefault()
    navigate(link.pathname + link.search)
  })
}

/** A link to another view. What the hub itself answers (`/api/…`, `/docs`) is loaded. */
const isInside = (link: HTMLAnchorElement): boolean =>
  link.origin === location.origin &&
  link.target === '' &&
  !link.hasAttribute('download') &&
  link.getAttribute('href')?.startsWith('#') !== true &&
  !/^\/(?:api|docs|metrics|healthz|readyz)\b/.test(link.pathname)
