// Whether this browser is told of alerts by Web Push: its subscription at the push service of its maker, and what
// the hub knows of it.

import { getJson, postJson } from '../api/client.ts'

export type PushState =
  /** The hub has no channel for browsers. */
  | 'no channel'
  /** The browser has no push messages, or not at this address. */
  | 'impossible'
  | 'told'
  | 'not told'

const WORKER = '/push-worker.js'

export async function pushState(): Promise<PushState> {
  const key = await hubKey()
  if (key === null) return 'no channel'
  if (!isPossible()) return 'impossible'
  const subscription = await currentSubscription()
  return subscription !== null && isFor(subscription, key) ? 'told' : 'not told'
}

/** @throws Error with a sentence for the person in front of the page */
export async function startTelling(): Promise<void> {
  const key = await hubKey()
  if (key === null) throw new Error('The hub has no channel of the kind webPush.')
  if ((await Notification.requestPermission()) !== 'granted')
    throw new Error('This browser does not let the hub show notifications; its settings for this page can.')
  await navigator.serviceWorker.register(WORKER)
  const { pushManager } = await navigator.serviceWorker.ready
  // A browser keeps one subscription for a page, and refuses another key.
  const before = await pushManager.getSubscription()
  if (before !== null && !isFor(before, key)) await before.unsubscribe()
  const subscription = await pushManager
    .subscribe({ userVisibleOnly: true, applicationServerKey: key })
    .catch((error: unknown) => {
      throw new Error(`The push service of this browser refuses: ${(error as Error).message}`)
    })
  await postJson('/api/push/subscribe', subscription.toJSON())
}

export async function stopTelling(): Promise<void> {
  const subscription = await currentSubscription()
  if (subscription === null) return
  await postJson('/api/push/unsubscribe', { endpoint: subscription.endpoint })
  await subscription.unsubscribe()
}

/** `null`: the hub has no channel of this kind. */
const hubKey = async (): Promise<string | null> => (await getJson<{ key: string | null }>('/api/push')).key

/** Browsers have service workers for HTTPS and for this machine alone. */
const isPossible = (): boolean =>
  'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis

async function currentSubscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration('/')
  return (await registration?.pushManager.getSubscription()) ?? null
}

/** Whether the hub with this key, base64url, is the one that it subscribes to. */
function isFor({ options }: PushSubscription, key: string): boolean {
  const { applicationServerKey } = options
  if (applicationServerKey === null) return false
  const text = btoa(String.fromCodePoint(...new Uint8Array(applicationServerKey)))
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '') === key
}
