// A state in a word, a shape and a colour.

import type { ComponentChildren } from 'preact'

/** `ok`: as it should be. `busy`: under way. `warn`: somebody should look. `bad`: broken. `idle`: over, or off. */
export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'idle'

const SHAPES: Record<Tone, string> = {
  ok: 'M3 6.5 5.2 9 9.5 3.5',
  busy: 'M6 2.5a3.5 3.5 0 1 1-3.5 3.5',
  warn: 'M6 2 10.5 10h-9zM6 5v2.2',
  bad: 'M3 3l6 6M9 3 3 9',
  idle: 'M3 6h6',
}

interface BadgeProps {
  readonly tone: Tone
  readonly children: ComponentChildren
}

export const Badge = ({ tone, children }: BadgeProps) => (
  <span class="badge" data-tone={tone}>
    <svg class="icon" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" focusable="false">
      <path d={SHAPES[tone]} />
    </svg>
    {children}
  </span>
)
