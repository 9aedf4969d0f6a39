// A message on its way to another hub tells which hubs it has passed (`model/passage.ts`). So a hub that gets
// it by two ways takes it once, also where it only subscribes to a filter here.

import { leave, propertiesOf } from '../../model/passage.ts'
import { encodePropertyBytes } from '../../mqtt/properties.ts'
import { findMessageExpiry } from '../../mqtt/publish-properties.ts'
import type { LiveMessage } from './live-message.ts'

/** Calls `encode` while the message has the properties with which it leaves the hub of this id. */
export function whileSigned(live: LiveMessage, hubId: string, encode: () => void): void {
  const { draft, event } = live
  const { properties, propertiesStart, propertiesEnd, messageExpiryAt } = draft
  const left = leave(
    {
      event: event > 0 ? event : undefined,
      cause: null,
      properties: propertiesOf(properties.subarray(propertiesStart, propertiesEnd)),
      root: {},
    },
    hubId,
    undefined,
  )
  if (left === undefined) return encode()
  draft.properties = encodePropertyBytes(left)
  draft.propertiesStart = 0
  draft.propertiesEnd = draft.properties.length
  draft.messageExpiryAt = findMessageExpiry(draft.properties, 0, draft.propertiesEnd)
  try {
    encode()
  } finally {
    // Others get the message as it came.
    Object.assign(draft, { properties, propertiesStart, propertiesEnd, messageExpiryAt })
  }
}
