// Light, dark, or as the system has it.

import { Icon, type IconName } from '../ui/icon.tsx'
import { useStore } from './store.ts'
import { chooseTheme, type Theme, theme, THEMES } from './theme.ts'

const ICONS: Record<Theme, IconName> = { system: 'system', light: 'sun', dark: 'moon' }
const NAMES: Record<Theme, string> = { system: 'as the system', light: 'light', dark: 'dark' }

export function ThemeSwitch() {
  const now = useStore(theme)
  const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]!
  const says = `Colours: ${NAMES[now]}. Change to ${NAMES[next]}.`
  return (
    <button class="bare theme" type="button" title={says} aria-label={says} onClick={() => chooseTheme(next)}>
      <Icon name={ICONS[now]} size={18} />
    </button>
  )
}
