// Paths of views: `/runs/:id` takes `/runs/17` and gives `{ id: '17' }`. Parts are percent-encoded, so a client
// id or a topic may stand in one.

export type Params = Readonly<Record<string, string>>

export interface ViewProps {
  /** What the pattern of the view captures of the path. */
  readonly params: Params
}

/** What a pattern captures of a path; `null` when it does not match. */
export function matchPath(pattern: string, path: string): Params | null {
  const wanted = partsOf(pattern)
  const found = partsOf(path)
  if (wanted.length !== found.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const text = decoded(found[index] ?? '')
    if (text === null) return null
    if (part.startsWith(':')) params[part.slice(1)] = text
    else if (part !== text) return null
  }
  return params
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '')

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}

export type QueryValue = string | number | boolean | null | undefined

/** A query with some values changed: `null`, `false` and the empty text leave a name out, `true` is `1`. */
export function withQuery(
  query: URLSearchParams,
  changes: Readonly<Record<string, QueryValue>>,
): URLSearchParams {
  const next = new URLSearchParams(query)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === false || value === '') next.delete(name)
    else next.set(name, value === true ? '1' : String(value))
  }
  return next
}

/** `/topics` and `{ q: 'a b' }` make `/topics?q=a+b`. */
export function pathWith(path: string, changes: Readonly<Record<string, QueryValue>>): string {
  const query = withQuery(new URLSearchParams(), changes).toString()
  return query === '' ? path : `${path}?${query}`
}
