// MQTT-SN over UDP: a socket whose datagrams go to a gateway, and back. MQTT-SN 1.2 is what is spoken; the
// comments name the sections of its specification (Stanford-Clark and Truong, version 1.2, 2013).

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Gate } from '../model/gate.ts'
import { Advertiser } from './gateway/advertise.ts'
import { Gateway, type Sender } from './gateway/gateway.ts'
import type { SnSettings } from './settings.ts'

/** Datagrams that wait for the hub; the system may give less. */
const RECEIVE_BUFFER_BYTES = 4 * 2 ** 20

export interface SnListener {
  /** Where clients find it. */
  readonly url: string
  readonly host: string
  readonly port: number
  /** Tells the clients that the gateway goes, and closes the socket. */
  stop(): Promise<void>
}

export interface SnListenerOptions {
  readonly settings: SnSettings
  readonly gate: Gate
  readonly clock: Clock
  readonly log: Log
}

/** Begins to listen. Rejects with the system's error when the address cannot be had. */
export async function listenOnUdp({ settings, gate, clock, log }: SnListenerOptions): Promise<SnListener> {
  const { host, advertise } = settings
  const socket = createSocket({
    type: isIPv6(host) ? 'udp6' : 'udp4',
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    sendBufferSize: RECEIVE_BUFFER_BYTES,
  })
  await bind(socket, host, settings.port)
  const { port } = socket.address()
  const send = (datagram: Buffer, to: Sender): void =>
    socket.send(datagram, to.port, to.address, (error) => {
      if (error !== null) log.debug({ error }, `MQTT-SN: a datagram to ${to.address} could not be sent.`)
    })
  const gateway = new Gateway({ clock, log, gate, settings, port, send })
  const advertiser = new Advertiser({ clock, settings, isUsable: () => gate.isUsable(), send })
  if (advertise !== undefined) join(socket, advertise.to)
  socket.on('error', (error) => log.warn({ error }, `MQTT-SN on ${host}:${port}: ${error.message}.`))
  socket.on('message', (datagram, { address, port: from }) =>
    gateway.receive(datagram, { address, port: from }),
  )
  advertiser.start()
  let stopping: Promise<void> | undefined
  return {
    url: `mqtt-sn://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    host,
    port,
    stop: () => (stopping ??= stop()),
  }

  async function stop(): Promise<void> {
    advertiser.stop()
    gateway.stop()
    await new Promise<void>((resolve) => socket.close(resolve))
  }
}

async function bind(socket: Socket, host: string, port: number): Promise<void> {
  socket.bind({ address: host, port })
  try {
    await once(socket, 'listening')
  } catch (error) {
    socket.close()
    throw error
  }
}

/** SEARCHGW comes to the group that ADVERTISE goes to. */
function join(socket: Socket, address: string): void {
  if (isMulticast(address)) socket.addMembership(address)
  else socket.setBroadcast(true)
}

const isMulticast = (address: string): boolean => /^(?:22[4-9]|23\d)\.|^ff/i.test(address)
