// The links to the views, and to the documentation that the hub serves.

import { Icon } from '../ui/icon.tsx'
import { viewAt, VIEWS } from './views.ts'

export function Navigation({ path }: { readonly path: string }) {
  const shown = viewAt(path)?.entry
  const current = shown?.under ?? shown?.pattern
  return (
    <nav id="navigation" aria-label="Views">
      <ul>
        {VIEWS.map(
          ({ pattern, name, icon }) =>
            icon && (
              <li key={pattern}>
                <a href={pattern} {...(current === pattern && { 'aria-current': 'page' as const })}>
                  <Icon name={icon} size={18} />
                  {name}
                </a>
              </li>
            ),
        )}
        <li class="apart">
          <a href="/docs/">
            <Icon name="book" size={18} />
            Documentation
          </a>
        </li>
      </ul>
    </nav>
  )
}
