// Plays every conversation of this folder with a broker: ours, or the one that VIGIE_WIRE_BROKER names (host:port), which
// tells whether the conversations themselves are right.
//
// Covers `src/broker/handle/connect.ts`, `src/broker/handle/disconnect.ts`, `src/broker/handle/pingreq.ts`,
// `src/broker/handle/puback.ts`, `src/broker/handle/pubcomp.ts`, `src/broker/handle/pubrec.ts`,
// `src/broker/handle/pubrel.ts`, `src/broker/handle/subscribe.ts`, `src/broker/handle/unsubscribe.ts`.

import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { startTestBroker } from '../broker/test-broker.ts'
import { type Conversation, matches, parseConversations, type Saying, show } from './conversation.ts'
import { GivenIds, IdsOfPeer } from './given-ids.ts'
import { Peer } from './peer.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
const foreign = process.env['VIGIE_WIRE_BROKER']
const PINGREQ = Buffer.from([0xc0, 0])
const PINGRESP = [0xd0, 0]

for (const file of globSync(`${folder}*.wire`)) {
  describe(`the conversations of ${basename(file)}`, () => {
    const all = parseConversations(readFileSync(file, 'utf8'))
    const played = all.filter(({ ours }) => foreign === undefined || !ours)
    it.each(played.map((conversation) => [conversation.title, conversation] as const))(
      '%s',
      async (_title, conversation) => {
        const { heard, wanted } = await play(conversation)
        expect(heard).toEqual(wanted)
      },
    )
  })
}

interface Transcript {
  readonly heard: string[]
  readonly wanted: string[]
}

/** Up to the first answer that is another than wanted. */
async function play(conversation: Conversation): Promise<Transcript> {
  const stage = foreign === undefined ? await ourStage(conversation) : theirStage(foreign)
  const peers = new Map<string, Player>()
  const given = new GivenIds()
  const transcript: Transcript = { heard: [], wanted: [] }
  for (const line of conversation.lines) {
    if ('passMs' in line) {
      stage.pass(line.passMs)
      continue
    }
    const player = peers.get(line.client) ?? {
      peer: await Peer.to(stage.port, stage.host),
      ids: new IdsOfPeer(given),
    }
    peers.set(line.client, player)
    if (line.says.kind === 'ends') {
      player.peer.socket.destroy()
      await stage.settled()
    } else if (!(await act(player, line, transcript))) break
  }
  return transcript
}

interface Player {
  readonly peer: Peer
  readonly ids: IdsOfPeer
}

interface Stage {
  readonly host: string
  readonly port: number
  pass(lengthMs: number): void
  /** Resolves when the broker knows of one connection less. */
  settled(): Promise<void>
}

async function ourStage({ limits }: Conversation): Promise<Stage> {
  const clock = new ManualClock(1_000_000)
  const { broker, port } = await startTestBroker({ clock, limits })
  return {
    host: '127.0.0.1',
    port,
    pass: (lengthMs) => clock.advance(lengthMs),
    async settled() {
      const before = broker.stats().connections
      await vi.waitUntil(() => broker.stats().connections < before, { interval: 1 })
    },
  }
}

function theirStage(address: string): Stage {
  const [host, port] = address.split(':') as [string, string]
  return { host, port: Number(port), pass: () => {}, settled: () => Promise.resolve() }
}

async function act(
  { peer, ids }: Player,
  { number, client, says }: Saying,
  { heard, wanted }: Transcript,
): Promise<boolean> {
  if (says.kind === 'send') {
    peer.send(ids.sent(says.bytes))
    return true
  }
  if (says.kind === 'nothing') peer.send(PINGREQ)
  const bytes = await peer.next()
  const pattern = says.kind === 'expect' ? says.packet : says.kind === 'nothing' ? PINGRESP : undefined
  const packet = bytes && pattern ? ids.got(bytes, pattern) : bytes
  const fits = pattern === undefined ? packet === undefined : packet !== undefined && matches(packet, pattern)
  const where = `line ${number}, ${client}:`
  wanted.push(`${where} ${pattern === undefined ? 'closed' : show(pattern)}`)
  heard.push(fits ? wanted.at(-1)! : `${where} ${packet === undefined ? 'closed' : show(packet)}`)
  return fits
}
