// The service worker of the page: shows push messages of the hub as notifications, whether the page is open or
// not. The build leaves it at `/push-worker.js`, since a worker may act for paths at and below its own alone. It
// imports nothing: browsers run it as a classic script.

/** What the hub sends; see `docs/channels.md`. */
interface PushedNotification {
  readonly tag: string
  readonly title: string
  readonly body: string
  /** Unix ms. */
  readonly at: number
  readonly isHeard: boolean
  readonly buttons: readonly { readonly label: string; readonly url: string }[]
}

interface WaitingEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface PushedEvent extends WaitingEvent {
  readonly data: { json(): unknown } | null
}
interface ClickedEvent extends WaitingEvent {
  readonly notification: { readonly data: { readonly urls: readonly string[] } | null; close(): void }
  /** The button: its place among the addresses; empty for the notification itself. */
  readonly action: string
}

/** What is used of `ServiceWorkerGlobalScope`: its types and those of the page exclude each other. */
interface Scope {
  readonly registration: { showNotification(title: string, options: object): Promise<void> }
  readonly clients: { openWindow(url: string): Promise<unknown> }
  skipWaiting(): Promise<void>
  addEventListener(kind: 'install', listen: (event: WaitingEvent) => void): void
  addEventListener(kind: 'push', listen: (event: PushedEvent) => void): void
  addEventListener(kind: 'notificationclick', listen: (event: ClickedEvent) => void): void
}
const scope = globalThis as unknown as Scope

/** Where a notification without links leads. */
const ALERTS = '/alerts'

scope.addEventListener('install', (event) => event.waitUntil(scope.skipWaiting()))

scope.addEventListener('push', (event) => {
  if (event.data === null) return
  const { tag, title, body, at, isHeard, buttons } = event.data.json() as PushedNotification
  const [, ...others] = buttons
  event.waitUntil(
    scope.registration.showNotification(title, {
      body,
      // What has the tag already is replaced, and is heard again only if that is news.
      tag,
      renotify: isHeard,
      silent: !isHeard,
      timestamp: at,
      // The first button leads where a click on the notification leads.
      actions: others.map(({ label }, index) => ({ action: String(index + 1), title: label })),
      data: { urls: buttons.map(({ url }) => url) },
    }),
  )
})

scope.addEventListener('notificationclick', (event) => {
  const { notification, action } = event
  notification.close()
  const url = notification.data?.urls[action === '' ? 0 : Number(action)] ?? ALERTS
  event.waitUntil(scope.clients.openWindow(url))
})
