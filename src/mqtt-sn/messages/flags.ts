// The Flags octet of MQTT-SN (5.3.4), and the reserved values in it.

/** −1: published without a connection. */
export type SnQoS = -1 | 0 | 1 | 2

/** What stands in the place of a topic: its id or name, a predefined id, or a name of two octets. */
export type TopicType = 'normal' | 'predefined' | 'short'

export interface Flags {
  readonly dup: boolean
  readonly qos: SnQoS
  readonly retain: boolean
  readonly will: boolean
  readonly clean: boolean
  readonly topicType: TopicType
}

export const NO_FLAGS: Flags = {
  dup: false,
  qos: 0,
  retain: false,
  will: false,
  clean: false,
  topicType: 'normal',
}

const TOPIC_TYPES = ['normal', 'predefined', 'short'] as const
const MINUS_ONE = 0b11

/** `undefined` if the octet names the topic type that is reserved. */
export function readFlags(octet: number): Flags | undefined {
  const topicType = TOPIC_TYPES[octet & 0b11]
  if (topicType === undefined) return undefined
  const qos = (octet >> 5) & 0b11
  return {
    dup: (octet & 0x80) !== 0,
    qos: qos === MINUS_ONE ? -1 : (qos as 0 | 1 | 2),
    retain: (octet & 0x10) !== 0,
    will: (octet & 0x08) !== 0,
    clean: (octet & 0x04) !== 0,
    topicType,
  }
}

export const flagsOctet = ({ dup, qos, retain, will, clean, topicType }: Flags): number =>
  (Number(dup) << 7) |
  ((qos & 0b11) << 5) |
  (Number(retain) << 4) |
  (Number(will) << 3) |
  (Number(clean) << 2) |
  TOPIC_TYPES.indexOf(topicType)
