// Logs a person in. It stands in the place of the view, which the address still names.

import { useEffect, useRef, useState } from 'preact/hooks'
import { logIn } from '../api/session.ts'
import { Heading } from '../ui/heading.tsx'

export function Login() {
  const [error, setError] = useState<string | null>(null)
  const [isAsking, setAsking] = useState(false)
  const first = useRef<HTMLInputElement>(null)
  const password = useRef<HTMLInputElement>(null)
  useEffect(() => {
    document.title = 'Log in · vigie'
    first.current?.focus()
  }, [])
  const submit = async (): Promise<void> => {
    setAsking(true)
    setError(null)
    try {
      await logIn(first.current!.value, password.current!.value)
    } catch (problem) {
      setError((problem as Error).message)
      setAsking(false)
      password.current?.select()
    }
  }
  return (
    <form
      class="login"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <Heading title="Log in" />
      <p>This hub shows its data to users only. Whoever runs it adds them with “vigie user add”.</p>
      <label class="field">
        User name
        <input ref={first} name="user" type="text" autocomplete="username" required spellcheck={false} />
      </label>
      <label class="field">
        Password
        <input ref={password} name="password" type="password" autocomplete="current-password" required />
      </label>
      <p class="refusal" role="alert">
        {error}
      </p>
      <button type="submit" disabled={isAsking}>
        Log in
      </button>
    </form>
  )
}
