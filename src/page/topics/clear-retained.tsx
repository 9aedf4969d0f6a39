// Clears what is retained at a topic and below it. It says how many messages that are and asks, and what was
// retained after it asked stays.

import { useEffect, useState } from 'preact/hooks'
import { type ApiError, getJson, postJson } from '../api/client.ts'

interface Counted {
  readonly count: number
  readonly upTo: number
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'asking'; readonly counted: Counted }
  | { readonly kind: 'clearing' }
  | { readonly kind: 'said'; readonly text: string; readonly isBad: boolean }

export function ClearRetained({ topic }: { readonly topic: string }) {
  const [state, setState] = useState<State>({ kind: 'idle' })
  useEffect(() => setState({ kind: 'idle' }), [topic])
  const filter = `${topic}/#`
  const failed = (error: unknown): void =>
    setState({ kind: 'said', text: (error as ApiError).message, isBad: true })

  const ask = (): void => {
    getJson<Counted>('/api/retained/count', { filter }).then(
      (counted) => setState({ kind: 'asking', counted }),
      failed,
    )
  }
  const clear = async ({ upTo }: Counted): Promise<void> => {
    setState({ kind: 'clearing' })
    let cleared = 0
    try {
      for (let isAll = false; !isAll;) {
        const round = await postJson<{ cleared: number; isAll: boolean }>(
          '/api/retained/clear',
          {},
          { filter, upTo },
        )
        cleared += round.cleared
        isAll = round.isAll
      }
      setState({ kind: 'said', text: `${messages(cleared)} cleared.`, isBad: false })
    } catch (error) {
      failed(error)
    }
  }

  if (state.kind === 'asking' && state.counted.count > 0)
    return (
      <div class="asks" role="group" aria-label="Clear retained messages">
        <p>
          Clear {messages(state.counted.count)} at <code>{topic}</code> and below? Devices that connect later
          will not get {state.counted.count === 1 ? 'it' : 'them'} any more; the history keeps what was
          published.
        </p>
        <button type="button" class="danger" onClick={() => void clear(state.counted)}>
          Clear {state.counted.count.toLocaleString('en')}
        </button>
        <button type="button" ref={(button) => button?.focus()} onClick={() => setState({ kind: 'idle' })}>
          Keep
        </button>
      </div>
    )
  return (
    <div class="asks">
      <button type="button" disabled={state.kind === 'clearing'} onClick={ask}>
        Clear retained…
      </button>
      <span role="status" class={state.kind === 'said' && state.isBad ? 'problem' : 'soft'}>
        {state.kind === 'clearing' && 'Clearing…'}
        {state.kind === 'asking' && 'Nothing is retained here.'}
        {state.kind === 'said' && state.text}
      </span>
    </div>
  )
}

const messages = (count: number): string =>
  count === 1 ? 'one retained message' : `${count.toLocaleString('en')} retained messages`
