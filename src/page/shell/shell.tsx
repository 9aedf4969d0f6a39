// What stands around every view: a link past the navigation, the navigation, the state of the connection, the
// choice of light or dark.

import { useEffect, useRef, useState } from 'preact/hooks'
import { loginNeeded } from '../api/client.ts'
import { loggedIn, logOut } from '../api/session.ts'
import { Connection } from './connection.tsx'
import { Login } from './login.tsx'
import { Navigation } from './navigation.tsx'
import { usePlace } from './router.ts'
import { Stage } from './stage.tsx'
import { useStore } from './store.ts'
import { ThemeSwitch } from './theme-switch.tsx'
import { Icon } from '../ui/icon.tsx'

export function Shell() {
  const { path } = usePlace()
  const isLoginNeeded = useStore(loginNeeded)
  const [isOpen, setOpen] = useState(false)
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  useEffect(() => {
    setOpen(false)
    // Whoever goes by keyboard or by ear is at the beginning of what has come.
    if (!isFirst.current) main.current?.focus({ preventScroll: true })
    isFirst.current = false
  }, [path])

  const leaveMenu = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') setOpen(false)
  }
  return (
    <div class="shell" data-menu={isOpen ? 'open' : 'closed'} onKeyDown={leaveMenu}>
      <a class="skip" href="#main" onClick={() => main.current?.focus()}>
        Skip to the content
      </a>
      <header class="bar">
        {!isLoginNeeded && (
          <button
            class="bare menu"
            type="button"
            aria-expanded={isOpen}
            aria-controls="navigation"
            onClick={() => setOpen(!isOpen)}
          >
            <Icon name={isOpen ? 'close' : 'menu'} size={20} />
            <span class="unseen">{isOpen ? 'Close the menu' : 'Open the menu'}</span>
          </button>
        )}
        <a class="brand" href="/">
          <Mast />
          <span>vigie</span>
        </a>
        {!isLoginNeeded && <Connection />}
        <Logout />
        <ThemeSwitch />
      </header>
      {!isLoginNeeded && <Navigation path={path} />}
      <main id="main" ref={main} tabIndex={-1}>
        {isLoginNeeded ? <Login /> : <Stage path={path} />}
      </main>
    </div>
  )
}

function Logout() {
  const user = useStore(loggedIn)
  if (user === null) return null
  return (
    <button class="bare logout" type="button" onClick={() => void logOut()}>
      <span class="who">{user}</span> Log out
    </button>
  )
}

/** The mark: a mast with its lookout. */
const Mast = () => (
  <svg class="mast" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
    <path d="M10 2v15M5 6.5h10M6 6.5l.9 3.5h6.2l.9-3.5M5.5 17h9" />
  </svg>
)
