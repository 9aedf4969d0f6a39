// Messages that a client of the command line receives, as lines.

import { localTime } from '../../base/local-time.ts'
import { printable } from '../../base/printable.ts'
import { payloadJson, payloadText } from '../../model/event-json.ts'
import { jsonText } from '../../model/json.ts'
import type { Terminal } from '../frame/command.ts'
import type { Received } from '../frame/subscription.ts'
import { paintFor } from './paint.ts'

export function personLine(terminal: Terminal, isTimed: boolean): (message: Received) => string {
  const paint = paintFor(terminal)
  return ({ topic, payload, packet }) => {
    const time = isTimed ? `${paint.dim(localTime(terminal.now()))} ` : ''
    const mark = packet.retain ? paint.dim(' (retained)') : ''
    return `${time}${paint.bold(printable(topic))} ${printable(payloadText(payload), 2_000)}${mark}`
  }
}

export const jsonLine =
  (terminal: Terminal) =>
  ({ topic, payload, packet }: Received): string => {
    const { messageExpiryInterval, contentType, responseTopic, correlationData, userProperties } =
      packet.properties ?? {}
    return jsonText({
      at: new Date(terminal.now()).toISOString(),
      topic,
      ...payloadJson(payload),
      qos: packet.qos,
      retain: packet.retain,
      messageExpiryInterval,
      contentType,
      responseTopic,
      correlationData: correlationData?.toString('base64'),
      userProperties,
    })
  }
