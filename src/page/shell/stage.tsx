// Shows the view of a path, loading it if need be. A view that fails is told in its place; the rest goes on.

import type { ComponentType } from 'preact'
import { useEffect, useErrorBoundary, useState } from 'preact/hooks'
import { Notice } from '../ui/notice.tsx'
import type { ViewProps } from './paths.ts'
import { type Shown, viewAt, type ViewEntry } from './views.ts'

type Loaded = { readonly entry: ViewEntry } & (
  | { readonly View: ComponentType<ViewProps> }
  | { readonly failed: true }
)

export function Stage({ path }: { readonly path: string }) {
  const shown = viewAt(path)
  useEffect(() => {
    document.title = shown ? `${shown.entry.name} · vigie` : 'vigie'
  }, [shown?.entry])
  return shown ? <Loading key={shown.entry.pattern} shown={shown} /> : <Nowhere path={path} />
}

function Loading({ shown: { entry, params } }: { readonly shown: Shown }) {
  const [loaded, setLoaded] = useState<Loaded | null>(null)
  const [error] = useErrorBoundary()
  useEffect(() => {
    entry.load().then(
      ({ View }) => setLoaded({ entry, View }),
      () => setLoaded({ entry, failed: true }),
    )
  }, [entry])
  if (error !== undefined)
    return (
      <Notice kind="bad" title={`${entry.name} cannot be shown.`}>
        {(error as Error).message} <Reload />
      </Notice>
    )
  if (loaded === null) return <p class="unseen">Loading {entry.name}</p>
  if ('failed' in loaded)
    return (
      <Notice kind="bad" title={`${entry.name} could not be loaded.`}>
        The hub does not answer, or it has been upgraded since this page was opened. <Reload />
      </Notice>
    )
  return <loaded.View params={params} />
}

const Reload = () => (
  <button type="button" onClick={() => location.reload()}>
    Reload the page
  </button>
)

const Nowhere = ({ path }: { readonly path: string }) => (
  <Notice kind="warn" title="There is no such view.">
    Nothing is at <code>{path}</code>. <a href="/">Go to the overview</a>.
  </Notice>
)
