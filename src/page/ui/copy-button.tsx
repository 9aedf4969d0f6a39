// Copies a text, and says so.

import { useState } from 'preact/hooks'

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
    setTimeout(() => setSaid(''), 2_500)
  }
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
