// The addresses at which people reach the hub about an alert, or about several, for their notifications.
//
// Always: people are told, whatever is wrong with the key of the links.

import type { Log } from '../../base/log.ts'
import { messageOf } from '../../base/printable.ts'
import { groupLinks } from '../../alerts/group-link.ts'
import { signedLinks } from '../../alerts/signed-link.ts'
import type { LinksOf } from '../../alerts/words.ts'
import { openLinkKey } from '../../secrets/link-key.ts'

/**
 * @param url where people reach the hub; `null`: notifications have no links
 * @param dataDir holds the key with which links are signed
 */
export function openLinks(url: string | null, dataDir: string, log: Pick<Log, 'error'>): LinksOf {
  if (url === null) return NO_LINKS
  let links: LinksOf | undefined
  return (about, now) => (links ??= openSigned(url, dataDir, log))(about, now)
}

function openSigned(url: string, dataDir: string, log: Pick<Log, 'error'>): LinksOf {
  try {
    const key = openLinkKey(dataDir)
    return (about, now) => {
      const [alert, ...others] = about.alerts
      return alert !== undefined && others.length === 0
        ? signedLinks(url, key, alert, now)
        : groupLinks(url, key, about, now)
    }
  } catch (error) {
    log.error(`Notifications have no links until the next start: ${messageOf(error)}`)
    return NO_LINKS
  }
}

const NO_LINKS: LinksOf = () => ({})
