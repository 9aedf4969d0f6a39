// The views of the page: their addresses, their names, and what loads them. A view is a file of `views/` that
// exports `View`; it is loaded when it is shown for the first time.

import type { ComponentType } from 'preact'
import type { IconName } from '../ui/icon.tsx'
import { matchPath, type Params, type ViewProps } from './paths.ts'

export interface ViewEntry {
  /** See `matchPath`. */
  readonly pattern: string
  /** The title of the page, and of its link. */
  readonly name: string
  /** Absent: the view has no link of its own in the navigation. */
  readonly icon?: IconName
  /** The entry of the navigation that stands for this view. */
  readonly under?: string
  readonly load: () => Promise<{ readonly View: ComponentType<ViewProps> }>
}

export const VIEWS: readonly ViewEntry[] = [
  { pattern: '/', name: 'Overview', icon: 'overview', load: () => import('../views/overview.tsx') },
  { pattern: '/topics', name: 'Topics', icon: 'topics', load: () => import('../views/topics.tsx') },
  { pattern: '/live', name: 'Live', icon: 'live', load: () => import('../views/live.tsx') },
  { pattern: '/history', name: 'History', icon: 'history', load: () => import('../views/history.tsx') },
  { pattern: '/events/:id', name: 'Event', under: '/history', load: () => import('../views/event.tsx') },
  { pattern: '/rules', name: 'Rules', icon: 'rules', load: () => import('../views/rules.tsx') },
  { pattern: '/rules/:name', name: 'Rule', under: '/rules', load: () => import('../views/rule.tsx') },
  { pattern: '/runs', name: 'Runs', icon: 'runs', load: () => import('../views/runs.tsx') },
  { pattern: '/runs/:id', name: 'Run', under: '/runs', load: () => import('../views/run.tsx') },
  { pattern: '/clients', name: 'Clients', icon: 'clients', load: () => import('../views/clients.tsx') },
  { pattern: '/clients/:id', name: 'Client', under: '/clients', load: () => import('../views/client.tsx') },
  { pattern: '/pings', name: 'Pings', icon: 'pings', load: () => import('../views/pings.tsx') },
  { pattern: '/pings/:name', name: 'Ping', under: '/pings', load: () => import('../views/ping.tsx') },
  {
    pattern: '/processes',
    name: 'Processes',
    icon: 'processes',
    load: () => import('../views/processes.tsx'),
  },
  { pattern: '/alerts', name: 'Alerts', icon: 'alerts', load: () => import('../views/alerts.tsx') },
  { pattern: '/alerts/:key', name: 'Alert', under: '/alerts', load: () => import('../views/alert.tsx') },
]

export interface Shown {
  readonly entry: ViewEntry
  readonly params: Params
}

export function viewAt(path: string): Shown | null {
  for (const entry of VIEWS) {
    const params = matchPath(entry.pattern, path)
    if (params) return { entry, params }
  }
  return null
}
