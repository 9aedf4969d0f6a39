// Whether somebody can see the page. Whatever asks, listens or draws by itself stops while nobody can.

import { Value } from './store.ts'

export const visible = new Value(true)

export function startVisible(): void {
  const look = (): void => visible.set(document.visibilityState === 'visible')
  document.addEventListener('visibilitychange', look)
  look()
}
