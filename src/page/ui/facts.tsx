// Names and what they stand for, in two columns.

import type { ComponentChildren } from 'preact'

/** A row whose value is `null` is left out. */
export type Fact = readonly [name: string, value: ComponentChildren]

export const Facts = ({ rows }: { readonly rows: readonly Fact[] }) => (
  <dl class="facts">
    {rows
      .filter(([, value]) => value !== null && value !== undefined && value !== '')
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
)
