// All messages of MQTT-SN 1.2 (5.4) but the one that encapsulates another (`forwarded.ts`): type and fields in
// the order of the wire.

import { type Field, flags, maybe, rest, returnCode, text, u16, u8 } from './fields.ts'

export const FORMS = {
  // Gateways are found (5.4.1 to 5.4.3). Lengths of time are in seconds.
  advertise: [0x00, { gatewayId: u8, duration: u16 }],
  searchgw: [0x01, { radius: u8 }],
  /** The address only if a client answers for a gateway. */
  gwinfo: [0x02, { gatewayId: u8, address: rest }],

  // A client connects (5.4.4, 5.4.5), leaves its will (5.4.6 to 5.4.9), and goes or sleeps (5.4.21).
  connect: [0x04, { flags, protocolId: u8, duration: u16, clientId: text }],
  connack: [0x05, { returnCode }],
  willtopicreq: [0x06, {}],
  /** Without flags and topic it takes the will back. */
  willtopic: [0x07, { flags: maybe(flags), topic: text }],
  willmsgreq: [0x08, {}],
  willmsg: [0x09, { message: rest }],
  disconnect: [0x18, { duration: maybe(u16) }],

  // The will of a connected client changes (5.4.22 to 5.4.25).
  willtopicupd: [0x1a, { flags: maybe(flags), topic: text }],
  willtopicresp: [0x1b, { returnCode }],
  willmsgupd: [0x1c, { message: rest }],
  willmsgresp: [0x1d, { returnCode }],

  // A topic gets an id (5.4.10, 5.4.11); messages go both ways (5.4.12 to 5.4.14).
  register: [0x0a, { topicId: u16, msgId: u16, topic: text }],
  regack: [0x0b, { topicId: u16, msgId: u16, returnCode }],
  publish: [0x0c, { flags, topicId: u16, msgId: u16, data: rest }],
  puback: [0x0d, { topicId: u16, msgId: u16, returnCode }],
  pubcomp: [0x0e, { msgId: u16 }],
  pubrec: [0x0f, { msgId: u16 }],
  pubrel: [0x10, { msgId: u16 }],

  // A client subscribes (5.4.15 to 5.4.18). The topic is text, or two octets: see the flags.
  subscribe: [0x12, { flags, msgId: u16, topic: rest }],
  suback: [0x13, { flags, topicId: u16, msgId: u16, returnCode }],
  unsubscribe: [0x14, { flags, msgId: u16, topic: rest }],
  unsuback: [0x15, { msgId: u16 }],

  // Either side is there (5.4.19, 5.4.20). A client that sleeps says who it is.
  pingreq: [0x16, { clientId: text }],
  pingresp: [0x17, {}],
} as const satisfies Readonly<Record<string, Form>>

type Form = readonly [type: number, fields: Readonly<Record<string, Field<unknown>>>]

type Values<Fields> = { readonly [Name in keyof Fields]: Fields[Name] extends Field<infer T> ? T : never }

export type MessageType = keyof typeof FORMS
export type MessageOf<Type extends MessageType> = { readonly type: Type } & Values<(typeof FORMS)[Type][1]>
export type Message = { [Type in MessageType]: MessageOf<Type> }[MessageType]
