// Who looks at the page. Where the hub asks for a login, the page shows that in place of the view, and the
// view of the address when the login has succeeded.

import { Value } from '../shell/store.ts'
import { deleteJson, getJson, loginNeeded, postJson } from './client.ts'

interface SessionAnswer {
  readonly isLoginNeeded: boolean
  readonly isSession: boolean
  readonly user: string | null
}

/** The user who has logged in on the page; `null`: nobody, so that nobody can log out. */
export const loggedIn = new Value<string | null>(null)

/** Asks the hub. One that does not answer is told by whatever else is asked of it. */
export async function askSession(): Promise<void> {
  try {
    const { isLoginNeeded, isSession, user } = await getJson<SessionAnswer>('/api/session')
    loggedIn.set(isSession ? user : null)
    loginNeeded.set(isLoginNeeded)
  } catch {
    // It may be on its way up again.
  }
}

/** @throws ApiError whose sentence says why not */
export async function logIn(user: string, password: string): Promise<void> {
  await postJson('/api/session', { user, password })
  await askSession()
}

export async function logOut(): Promise<void> {
  await deleteJson('/api/session')
  await askSession()
}
