// The button with which this browser is told of alerts, or no more; nothing where the hub has no channel for it.

import { useEffect, useState } from 'preact/hooks'
import { type PushState, pushState, startTelling, stopTelling } from './push.ts'

interface TellBrowserProps {
  /** Is given what came of a press, as a sentence. */
  readonly onDone: (said: string) => void
}

export function TellBrowser({ onDone }: TellBrowserProps) {
  const [state, setState] = useState<PushState>('no channel')
  const [isBusy, setBusy] = useState(false)
  const look = (): Promise<void> => pushState().then(setState)
  useEffect(() => void look().catch(() => {}), [])

  if (state === 'no channel') return null
  if (state === 'impossible')
    return (
      <p class="soft">This browser can be told of alerts only over HTTPS, or on the machine of the hub.</p>
    )
  const isTold = state === 'told'
  const press = async (): Promise<void> => {
    setBusy(true)
    try {
      await (isTold ? stopTelling() : startTelling())
      await look()
      onDone(isTold ? 'This browser is told of alerts no more.' : 'This browser is told of alerts.')
    } catch (error) {
      onDone((error as Error).message)
    }
    setBusy(false)
  }
  return (
    <p>
      <button type="button" disabled={isBusy} onClick={() => void press()}>
        {isTold ? 'Stop telling this browser' : 'Tell this browser'}
      </button>
    </p>
  )
}
