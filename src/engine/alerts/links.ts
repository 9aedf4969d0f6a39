// The addresses at which people reach the hub about an alert, for its notifications.

import type { LinksOf } from '../../alerts/words.ts'
import { topicLevels } from '../../topics/escape.ts'

/** @param url where people reach the hub; `null`: notifications have no links */
export const openLinks =
  (url: string | null): LinksOf =>
  (key) =>
    url === null ? {} : { show: `${url}/alerts/${encodeURI(topicLevels(key))}` }
