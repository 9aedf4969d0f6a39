// Fields whose values stand in the query of the address. A text is taken over when the typing pauses, or with
// Enter.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

const PAUSE_MS = 350

interface TextFieldProps {
  readonly label: string
  readonly value: string
  readonly placeholder?: string
  /** What it suggests. */
  readonly list?: string
  readonly isMono?: boolean
  readonly onValue: (value: string) => void
}

export function TextField({ label, value, placeholder, list, isMono, onValue }: TextFieldProps) {
  const [typed, setTyped] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => setTyped(value), [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  const take = (text: string, afterMs: number): void => {
    setTyped(text)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => onValue(text.trim()), afterMs)
  }
  return (
    <label class="field">
      {label}
      <input
        type="search"
        spellcheck={false}
        {...(isMono && { class: 'mono' })}
        value={typed}
        placeholder={placeholder}
        list={list}
        onInput={(event) => take(event.currentTarget.value, PAUSE_MS)}
        onKeyDown={(event) => event.key === 'Enter' && take(event.currentTarget.value, 0)}
      />
    </label>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [value: string, says: string])[]
  readonly onValue: (value: string) => void
}

export const Choice = ({ label, value, options, onValue }: ChoiceProps) => (
  <label class="field">
    {label}
    <select value={value} onChange={(event) => onValue(event.currentTarget.value)}>
      {options.map(([each, says]) => (
        <option key={each} value={each}>
          {says}
        </option>
      ))}
    </select>
  </label>
)

export const Filters = ({ children }: { readonly children: ComponentChildren }) => (
  <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
    {children}
  </form>
)
