// MQTT 5 message properties as JSON: what a rule writes, and what a step keeps. JSON has no bytes, so the
// correlation data are base64 there.

import { encodePropertyBytes } from '../mqtt/properties.ts'
import type { JsonObject } from './json.ts'

/** The properties as they stand on the wire, without their length. Throws for what MQTT does not have. */
export function jsonPropertyBytes({ correlationData, ...others }: JsonObject): Buffer {
  if (correlationData === undefined) return encodePropertyBytes(others)
  if (typeof correlationData !== 'string') throw new TypeError('correlationData is to be a text of base64')
  return encodePropertyBytes({ ...others, correlationData: Buffer.from(correlationData, 'base64') })
}
