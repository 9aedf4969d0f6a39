// A hub that is killed after each packet of both handshakes of QoS 2, and then begun again: the message is in history once, and its
// subscriber, or one member of the group of its subscribers, has it once.

import { expect, it } from 'vitest'
import { openQueries } from '../../src/journal/queries/queries.ts'
import { type Client, connectClient } from '../broker/client.ts'
import { type HubProcess, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { KEPT } from './load.ts'
import { reach } from '../support/reach.ts'

/** The last packet before the kill; of the sender, then of the subscriber. */
const ALL = [
  'the sender has said PUBLISH',
  'the sender has PUBREC',
  'the sender has said PUBREL',
  'the sender has PUBCOMP',
  'the subscriber has PUBLISH',
  'the subscriber has said PUBREC',
  'the subscriber has PUBREL',
  'the subscriber has said PUBCOMP',
] as const
type Point = (typeof ALL)[number]
const POINTS = reach<readonly Point[]>(['the sender has PUBREC'], ALL)
const isAt = (point: Point, at: Point): boolean => point === at

it(
  'has a QoS 2 message once through a kill after each packet of its handshakes',
  { timeout: 120_000 },
  async () => {
    const data = temporaryFolder()
    const args = ['--data', data, '--rules', temporaryFolder()]
    let hub = await startHubProcess(args)
    const flows = ['t', '$share/g/u'].map((filter) => ({
      topic: filter.at(-1)!,
      filter,
      heard: [] as string[],
    }))
    for (const { topic, filter } of flows) {
      const subscriber = await connectClient(hub.mqtt, `subscriber-${topic}`, KEPT)
      await subscriber.subscribe(filter, 2)
    }
    for (const [index, point] of POINTS.entries()) {
      const states: State[] = []
      for (const { topic, heard } of flows) {
        const state = { topic, sent: 'publish', taken: 0, heard }
        states.push(state)
        const sender = await connectClient(hub.mqtt, `sender-${topic}`, KEPT)
        await upTo(point, sender, await connectClient(hub.mqtt, `subscriber-${topic}`, KEPT), state)
      }
      await hub.end('SIGKILL')
      hub = await startHubProcess(args)
      for (const state of states) await finish(hub, point, state)
      for (const { heard } of flows) expect(heard).toEqual(POINTS.slice(0, index + 1))
    }
    await hub.end('SIGTERM')
    const queries = openQueries(data)
    for (const { topic } of flows) {
      const history = queries.history({ filter: topic, limit: 100 })
      expect(history.map(({ payload }) => Buffer.from(payload).toString()).toReversed()).toEqual(POINTS)
    }
    queries.close()
  },
)

interface State {
  readonly topic: string
  /** What the sender has to say next; '' when it is through. */
  sent: string
  /** The packet id of what the subscriber has and that is not released yet; 0 for none. */
  taken: number
  readonly heard: string[]
}

/** One message goes as far as that. */
async function upTo(point: Point, sender: Client, subscriber: Client, state: State): Promise<void> {
  sender.publish(state.topic, point, { qos: 2, packetId: 1 })
  // The hub may take it or not: that it was killed at once is the point.
  if (isAt(point, 'the sender has said PUBLISH')) return
  await sender.expect('pubrec')
  state.sent = 'pubrel'
  if (isAt(point, 'the sender has PUBREC')) return
  sender.send({ type: 'pubrel', packetId: 1, reasonCode: 0 })
  if (isAt(point, 'the sender has said PUBREL')) return
  await sender.expect('pubcomp')
  state.sent = ''
  if (isAt(point, 'the sender has PUBCOMP')) return
  hear(await subscriber.expect('publish'), state)
  if (isAt(point, 'the subscriber has PUBLISH')) return
  subscriber.send({ type: 'pubrec', packetId: state.taken, reasonCode: 0 })
  if (isAt(point, 'the subscriber has said PUBREC')) return
  await subscriber.expect('pubrel')
  if (isAt(point, 'the subscriber has PUBREL')) return
  subscriber.send({ type: 'pubcomp', packetId: state.taken, reasonCode: 0 })
  state.taken = 0
}

/** Both go on where they were, as the specification asks. */
async function finish(hub: HubProcess, point: Point, state: State): Promise<void> {
  const sender = await connectClient(hub.mqtt, `sender-${state.topic}`, KEPT)
  expect(sender.connack.sessionPresent).toBe(true)
  if (state.sent === 'publish') {
    sender.publish(state.topic, point, { qos: 2, packetId: 1, dup: true })
    await sender.expect('pubrec')
  }
  if (state.sent !== '') {
    sender.send({ type: 'pubrel', packetId: 1, reasonCode: 0 })
    await sender.expect('pubcomp')
  }
  const subscriber = await connectClient(hub.mqtt, `subscriber-${state.topic}`, KEPT)
  expect(subscriber.connack.sessionPresent).toBe(true)
  for (let isOpen = true; isOpen;) {
    const packets = await subscriber.sentSoFar()
    for (const packet of packets) {
      if (packet.type === 'publish') {
        if (packet.packetId !== state.taken) hear(packet, state)
        subscriber.send({ type: 'pubrec', packetId: packet.packetId!, reasonCode: 0 })
      } else if (packet.type === 'pubrel') {
        state.taken = 0
        subscriber.send({ type: 'pubcomp', packetId: packet.packetId, reasonCode: 0 })
      }
    }
    isOpen = state.taken !== 0 || !state.heard.includes(point)
  }
}

function hear(
  packet: { readonly payload: Uint8Array; readonly packetId?: number | undefined },
  state: State,
): void {
  state.heard.push(Buffer.from(packet.payload).toString())
  state.taken = packet.packetId!
}
