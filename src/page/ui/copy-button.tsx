// Copies a text, and says so.

import { useEffect, useState } from 'preact/hooks'

/** How long the button says what came of it. */
const SAID_MS = 2_500

interface CopyButtonProps {
  readonly text: string
  readonly children: string
}

export function CopyButton({ text, children }: CopyButtonProps) {
  const [said, setSaid] = useState('')
  const copy = (): void => {
    // Only a page of this machine or over TLS may write to the clipboard.
    const written = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('not allowed'))
    written.then(
      () => setSaid('Copied'),
      () => setSaid('The browser does not allow it: select the text'),
    )
  }
  useEffect(() => {
    const timer = setTimeout(() => setSaid(''), SAID_MS)
    return () => clearTimeout(timer)
  }, [said])
  return (
    <>
      <button type="button" onClick={copy}>
        {said || children}
      </button>
      <span class="unseen" role="status">
        {said}
      </span>
    </>
  )
}
