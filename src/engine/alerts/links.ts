// The addresses at which people reach the hub about an alert, for its notifications.

import { signedLinks } from '../../alerts/signed-link.ts'
import type { LinksOf } from '../../alerts/words.ts'
import { openLinkKey } from '../../secrets/link-key.ts'

/**
 * @param url where people reach the hub; `null`: notifications have no links
 * @param dataDir holds the key with which links are signed
 */
export function openLinks(url: string | null, dataDir: string): LinksOf {
  if (url === null) return () => ({})
  let key: Buffer | undefined
  return (alert, now) => signedLinks(url, (key ??= openLinkKey(dataDir)), alert, now)
}
