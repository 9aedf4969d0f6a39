// What came of the last thing that somebody did, told aloud. The paragraph is there before it says anything:
// readers of the screen announce what changes in it.

import { useMemo, useState } from 'preact/hooks'

export interface Outcome {
  readonly text: string
  tell(this: void, text: string): void
}

export function useOutcome(): Outcome {
  const [text, tell] = useState('')
  return useMemo(() => ({ text, tell }), [text])
}

export const OutcomeLine = ({ of: { text } }: { readonly of: Outcome }) => (
  <p class="outcome" role="status" data-empty={text === ''}>
    {text}
  </p>
)
