// Clients that send and listen with all their might until their hub is killed, and remember what they were told.

import { type Client, connectPacket, openClient } from '../broker/client.ts'
import type { HubProcess } from '../support/hub.ts'

export const KEPT = { clean: false, properties: { sessionExpiryInterval: 3_600 } } as const

/** What subscribers have got, over all hubs: how often each message came. */
export type Heard = Map<string, number>

/** A QoS 2 handshake on the sender's side that a crash may have cut off. */
export interface Sender {
  readonly clientId: string
  readonly topic: string
  readonly acknowledged: string[]
  /** By packet id: what has to be sent again, a message or its PUBREL. */
  readonly open: Map<number, { readonly payload: string; released: boolean }>
  next: number
}

export const senderOf = (clientId: string, topic: string): Sender => ({
  clientId,
  topic,
  acknowledged: [],
  open: new Map(),
  next: 0,
})

/**
 * Takes what comes, with every handshake, until the connection ends, or the message `last` has come and all is released.
 * @param named messages are told apart by topic and payload, else by payload
 */
export async function listen(
  client: Client,
  heard: Heard,
  taken: Set<number>,
  order: string[],
  { last, named = false }: { readonly last?: string | undefined; readonly named?: boolean } = {},
): Promise<void> {
  const isDone = (): boolean => last !== undefined && heard.has(last) && taken.size === 0
  while (!isDone()) {
    const packet = await client.next()
    if (packet === undefined) return
    if (packet.type === 'publish') {
      const packetId = packet.packetId!
      const payload = named ? `${packet.topic} ${packet.payload.toString()}` : packet.payload.toString()
      const isCopy = packet.qos === 2 && taken.has(packetId)
      if (!isCopy) {
        heard.set(payload, 1 + (heard.get(payload) ?? 0))
        order.push(payload)
      }
      if (packet.qos === 2) taken.add(packetId)
      client.send({ type: packet.qos === 2 ? 'pubrec' : 'puback', packetId, reasonCode: 0 })
    } else if (packet.type === 'pubrel') {
      taken.delete(packet.packetId)
      client.send({ type: 'pubcomp', packetId: packet.packetId, reasonCode: 0 })
    }
  }
}

/** Publishes at full speed until the hub is gone; first again what a crash had cut off. */
export async function send(port: number, sender: Sender, qos: 1 | 2, isLast = false): Promise<void> {
  const client = await openClient(port)
  client.send(connectPacket(sender.clientId, KEPT))
  if ((await client.next()) === undefined) return
  const publish = (packetId: number, payload: string, dup: boolean): void => {
    client.publish(sender.topic, payload, { qos, packetId, dup })
  }
  for (const [packetId, { payload, released }] of sender.open) {
    if (released) client.send({ type: 'pubrel', packetId, reasonCode: 0 })
    else publish(packetId, payload, true)
  }
  let packetId = Math.max(0, ...sender.open.keys())
  const most = isLast ? sender.next + 1 : Infinity
  const fill = (): void => {
    if (isLast && sender.open.size > 0) return // what was cut off first: nothing comes after the last message
    while (sender.next < most && sender.open.size < 20) {
      do packetId = (packetId % 1_000) + 1
      while (sender.open.has(packetId))
      const payload = String(sender.next++)
      sender.open.set(packetId, { payload, released: false })
      publish(packetId, payload, false)
    }
  }
  fill()
  while (sender.next < most || sender.open.size > 0) {
    const packet = await client.next()
    if (packet === undefined) return
    if (packet.type !== 'puback' && packet.type !== 'pubrec' && packet.type !== 'pubcomp') continue
    const one = sender.open.get(packet.packetId)
    if (packet.type === 'pubrec') {
      if (one && !one.released) sender.acknowledged.push(one.payload)
      if (one) one.released = true
      client.send({ type: 'pubrel', packetId: packet.packetId, reasonCode: 0 })
    } else {
      if (packet.type === 'puback' && one) sender.acknowledged.push(one.payload)
      sender.open.delete(packet.packetId)
      fill()
    }
  }
  client.disconnect()
  await client.expectClosed()
}

export const finish = (hub: HubProcess, sender: Sender, qos: 1 | 2): Promise<void> =>
  send(hub.mqtt, sender, qos, true)
