// Plays every conversation of this folder with a broker: ours, or the one that VIGIE_WIRE_BROKER names (host:port), which
// tells whether the conversations themselves are right.

import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startTestBroker } from '../broker/test-broker.ts'
import { type Conversation, type Line, matches, parseConversations, show } from './conversation.ts'
import { Peer } from './peer.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
const foreign = process.env['VIGIE_WIRE_BROKER']
const PINGREQ = Buffer.from([0xc0, 0])
const PINGRESP = [0xd0, 0]

for (const file of globSync(`${folder}*.wire`)) {
  describe(basename(file), () => {
    for (const conversation of parseConversations(readFileSync(file, 'utf8'))) {
      it.skipIf(foreign !== undefined && conversation.ours)(conversation.title, () => play(conversation))
    }
  })
}

async function play({ lines }: Conversation): Promise<void> {
  const [host, port] = foreign?.split(':') ?? ['127.0.0.1', String((await startTestBroker()).port)]
  const peers = new Map<string, Peer>()
  for (const line of lines) {
    const peer = peers.get(line.client) ?? (await Peer.to(Number(port), host))
    peers.set(line.client, peer)
    await act(peer, line)
  }
}

async function act(peer: Peer, { number, client, says }: Line): Promise<void> {
  const where = `line ${number}, client ${client}`
  switch (says.kind) {
    case 'send':
      return peer.send(says.bytes)
    case 'ends':
      return void peer.socket.destroy()
    case 'expect': {
      const packet = await peer.next()
      const told = packet === undefined ? 'closed' : show(packet)
      if (packet === undefined || !matches(packet, says.packet)) expect(told, where).toBe(show(says.packet))
      return
    }
    case 'nothing':
      peer.send(PINGREQ)
      return expect(show((await peer.next()) ?? []), where).toBe(show(PINGRESP))
    case 'closed':
      return expect(show((await peer.next()) ?? []), where).toBe('')
    default:
      return says satisfies never
  }
}
