// The head of a view: its name, and what belongs to the view as a whole.

import type { ComponentChildren } from 'preact'

interface HeadingProps {
  readonly title: string
  /** Beside the title: buttons, a search. */
  readonly children?: ComponentChildren
}

export const Heading = ({ title, children }: HeadingProps) => (
  <div class="heading">
    <h1>{title}</h1>
    {children}
  </div>
)
