// A button that asks before it acts. Where nothing is ended or removed, Enter says yes. The browser's own dialog
// holds the keyboard inside, closes with Escape, and gives the focus back. What the hub refuses is said in the
// dialog, which stays.

import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { keepWho } from './who.tsx'

interface AskButtonProps {
  readonly label: ComponentChildren
  /** What readers of the screen hear in place of the label. */
  readonly name?: string
  /** The question. */
  readonly title: string
  /** The label of the button that acts. */
  readonly confirm: string
  /** It ends or removes something. */
  readonly isDanger?: boolean
  readonly isDisabled?: boolean
  /** What is to be known, and fields whose values `act` is given. */
  readonly children?: ComponentChildren
  /** Acts; resolves with a sentence that says what came of it. */
  readonly act: (form: FormData) => Promise<string>
  readonly onDone: (said: string) => void
}

export function AskButton({ label, name, isDanger = false, isDisabled = false, ...asks }: AskButtonProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        {...(isDanger && { class: 'danger' })}
        {...(name !== undefined && { 'aria-label': name })}
        disabled={isDisabled}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        {label}
      </button>
      {isOpen && <Dialog {...asks} isDanger={isDanger} onClose={() => setOpen(false)} />}
    </>
  )
}

type DialogProps = Omit<AskButtonProps, 'label' | 'name' | 'isDisabled'> & { readonly onClose: () => void }

function Dialog({ title, confirm, isDanger, children, act, onDone, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [error, setError] = useState('')
  const [isBusy, setBusy] = useState(false)
  const heading = useId()
  useEffect(() => dialog.current?.showModal(), [])

  const confirmed = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (isBusy) return
    const form = new FormData(event.currentTarget as HTMLFormElement)
    keepWho(form)
    setBusy(true)
    setError('')
    try {
      const said = await act(form)
      dialog.current?.close()
      onDone(said)
    } catch (failure) {
      setError((failure as Error).message)
      setBusy(false)
    }
  }
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onClose}>
      <form onSubmit={(event) => void confirmed(event)}>
        <h2 id={heading}>{title}</h2>
        {children}
        <p class="refused" role="alert">
          {error}
        </p>
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button
            type="submit"
            class={isDanger ? 'danger' : 'main'}
            aria-disabled={isBusy}
            autofocus={isDanger !== true}
          >
            {confirm}
          </button>
        </div>
      </form>
    </dialog>
  )
}
