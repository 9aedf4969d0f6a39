// Whether the page hears from the hub: in words and by shape, told aloud when it changes.

import { live } from '../live/stream.ts'
import { useStore } from './store.ts'

const SAYS = {
  off: 'Idle',
  connecting: 'Connecting…',
  open: 'Live',
  lost: 'Not connected, trying again',
} as const

export function Connection() {
  const state = useStore(live.state)
  const refusal = useStore(live.refusal)
  return (
    <p class="connection" data-state={state} role="status">
      <span class="lamp" aria-hidden="true" />
      {refusal ?? SAYS[state]}
    </p>
  )
}
