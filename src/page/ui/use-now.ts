// The time, a second at a time, for what shows an age. It stands still while nobody sees the page.

import { useEffect, useState } from 'preact/hooks'
import { useStore } from '../shell/store.ts'
import { visible } from '../shell/visible.ts'

export function useNow(): number {
  const isVisible = useStore(visible)
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!isVisible) return undefined
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [isVisible])
  return now
}
