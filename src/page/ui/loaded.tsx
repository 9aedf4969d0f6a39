// Shows what the hub answered: nothing before the first answer, a notice in place of it, or beside the last one.

import type { ComponentChildren } from 'preact'
import type { Answer } from '../api/use-answer.ts'
import { Notice } from './notice.tsx'

interface LoadedProps<T> {
  readonly of: Answer<T>
  readonly children: (data: T) => ComponentChildren
}

export function Loaded<T>({ of: { data, error, reload }, children }: LoadedProps<T>) {
  return (
    <>
      {error && (
        <Notice kind={error.status === 404 ? 'warn' : 'bad'} title={error.message}>
          {error.status !== 404 && (
            <button type="button" onClick={reload}>
              Ask again
            </button>
          )}
        </Notice>
      )}
      {data === undefined ? !error && <p class="unseen">Loading</p> : children(data)}
    </>
  )
}

export const Nothing = ({ children }: { readonly children: ComponentChildren }) => (
  <p class="nothing">{children}</p>
)
