// What a key means in the tree, by the ARIA tree pattern: arrows go and open and close, Home and End go to the
// ends, letters go to the next row that begins with them.
// https://www.w3.org/WAI/ARIA/apg/patterns/treeview/

import type { Rows } from './rows.ts'

export type Move =
  | { readonly kind: 'go'; readonly to: number }
  | { readonly kind: 'toggle'; readonly topic: string; readonly isOpen: boolean }
  | { readonly kind: 'select'; readonly topic: string }

export interface Where {
  readonly rows: Rows
  /** Position of the active row. */
  readonly active: number
  /** Rows of a screen. */
  readonly pageRows: number
  /** Letters that were typed one after the other, and when the last one was. */
  readonly typed: { text: string; at: number }
  readonly now: number
}

/** Letters that come sooner belong together. */
const TYPED_MS = 800

/** `null`: the key is not for the tree. */
export function keyMove(key: string, where: Where): Move | null {
  const { rows, active, pageRows } = where
  const row = rows.rows[active - rows.from]
  switch (key) {
    case 'ArrowDown':
      return { kind: 'go', to: active + 1 }
    case 'ArrowUp':
      return { kind: 'go', to: active - 1 }
    case 'PageDown':
      return { kind: 'go', to: active + pageRows }
    case 'PageUp':
      return { kind: 'go', to: active - pageRows }
    case 'Home':
      return { kind: 'go', to: 0 }
    case 'End':
      return { kind: 'go', to: rows.state.total - 1 }
    case 'ArrowRight':
      if (!row || row.children === 0) return null
      return row.isOpen ? { kind: 'go', to: active + 1 } : { kind: 'toggle', topic: row.topic, isOpen: true }
    case 'ArrowLeft':
      if (!row) return null
      if (row.isOpen) return { kind: 'toggle', topic: row.topic, isOpen: false }
      // The level above is further up by the place among the siblings, unless some of these are open.
      return row.level === 1 ? null : { kind: 'go', to: above(where) }
    case 'Enter':
    case ' ':
      return row ? { kind: 'select', topic: row.topic } : null
    default:
      return key.length === 1 ? typeAhead(key, where) : null
  }
}

/** The position of the level above; where that is not among the rows, the first row that is here. */
function above({ rows, active }: Where): number {
  const here = active - rows.from
  const { level } = rows.rows[here]!
  for (let at = here - 1; at >= 0; at--) if (rows.rows[at]!.level < level) return rows.from + at
  return Math.max(0, rows.from)
}

/** Goes to the next row, round the rows that are here, whose name begins with what was typed. */
function typeAhead(key: string, { rows, active, typed, now }: Where): Move | null {
  typed.text = now - typed.at > TYPED_MS ? key : typed.text + key
  typed.at = now
  const wanted = typed.text.toLowerCase()
  const count = rows.rows.length
  // A single letter goes on from the active row; more letters may still mean that row.
  const start = active - rows.from + (wanted.length === 1 ? 1 : 0)
  for (let step = 0; step < count; step++) {
    const at = (((start + step) % count) + count) % count
    if (rows.rows[at]!.name.toLowerCase().startsWith(wanted)) return { kind: 'go', to: rows.from + at }
  }
  return null
}
