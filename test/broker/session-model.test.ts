// Sessions against tiny obvious models: whatever clients, a publisher and the hub do in whatever order, losses of connections, take-overs
// and deaths of the hub at every half-way point of every handshake included, with and without commits that are behind.
//
// Covers `src/broker/delivery/backlog.ts`, `src/broker/delivery/delivery.ts`,
// `src/broker/delivery/share-backlog.ts`, and what all of `src/broker/session/*` and `src/broker/handle/*` do
// together.

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { kept, OPTIONS, plan, RUNS } from './hunt.ts'
import { type Heard, ModelClient, settle } from './model-client.ts'
import { type Published, World } from './world.ts'

const qos = fc.constantFrom(1 as const, 2 as const)
const receiveMaximum = fc.constantFrom(1, 3, 65_535)

/** What a client may do, or have happen to it. To connect while there is a connection takes the session over. */
const doing = fc.oneof(
  { weight: 5, arbitrary: fc.constant('read' as const) },
  { weight: 6, arbitrary: fc.constantFrom('answer one' as const, 'answer all' as const) },
  { weight: 3, arbitrary: fc.constantFrom('connect' as const, 'lose' as const) },
  { weight: 1, arbitrary: fc.constant('disconnect' as const) },
)
type Doing = typeof doing extends fc.Arbitrary<infer T> ? T : never

/** What the hub may do. */
const turn = fc.constantFrom(
  { kind: 'restart' as const },
  { kind: 'commit' as const },
  { kind: 'pause' as const },
)

async function act(world: World, client: ModelClient, what: Doing): Promise<void> {
  if (what === 'connect') await world.answered(() => client.connect(world.hub.port))
  else if (what === 'lose') client.lose()
  else if (what === 'disconnect') await client.disconnect()
  else if (what === 'read') await client.read()
  else client.answer(what === 'answer one' ? 1 : Infinity)
  await settle()
}

async function take(
  world: World,
  clients: readonly ModelClient[],
  { kind }: { kind: 'restart' | 'commit' | 'pause' },
) {
  if (kind === 'restart') await world.restart(clients)
  else if (kind === 'commit') await world.commit()
  else world.clock.advance(10)
}

interface Message {
  readonly published: Published
  /** As it is owed. */
  readonly qos: 1 | 2
}

const times = (heard: readonly Heard[], { published }: Message): number =>
  heard.filter(({ payload }) => payload === published.payload).length

const payloads = (messages: readonly Message[]): string[] =>
  messages.map(({ published }) => published.payload)

const missing = (owed: readonly Message[], heard: readonly Heard[]): string[] =>
  payloads(owed.filter((message) => message.published.isKept && times(heard, message) === 0))

const twice = (owed: readonly Message[], heard: readonly Heard[]): string[] =>
  payloads(owed.filter((message) => message.qos === 2 && times(heard, message) > 1))

const lower = (a: 1 | 2, b: 1 | 2): 1 | 2 => (a < b ? a : b)

it(
  'brings a session all that it is owed, in order, at QoS 2 once, whatever becomes of its subscription',
  OPTIONS,
  async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('publish' as const), qos }) },
      { weight: 9, arbitrary: fc.record({ kind: fc.constant('do' as const), doing }) },
      { weight: 3, arbitrary: turn },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('subscribe' as const), qos }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'unsubscribe' as const }) },
    )
    const property = fc.asyncProperty(
      plan(step),
      receiveMaximum,
      fc.boolean(),
      async (steps, window, isSlow) => {
        const world = await new World(isSlow).start()
        const client = new ModelClient('a', kept(window))
        const owed: Message[] = []
        let asked: 0 | 1 | 2 = 2
        await act(world, client, 'connect')
        await world.answered(() => client.subscribe('t', 2, 2))
        for (const one of steps) {
          if (one.kind === 'publish') {
            const published = await world.publish('t', one.qos)
            if (asked !== 0) owed.push({ published, qos: lower(asked, one.qos) })
          } else if (one.kind === 'do') await act(world, client, one.doing)
          else if (one.kind === 'subscribe' && client.client !== null) {
            await world.answered(() => client.subscribe('t', one.qos, 2))
            asked = one.qos
          } else if (one.kind === 'unsubscribe' && client.client !== null) {
            await world.answered(() =>
              client.ask({ type: 'unsubscribe', packetId: 8, filters: ['t'] }, 'unsuback'),
            )
            asked = 0
          } else if (one.kind !== 'subscribe' && one.kind !== 'unsubscribe') await take(world, [client], one)
        }
        await world.finish([client])
        const wanted = payloads(owed.filter(({ published }) => published.isKept))
        const firsts = [...new Set(client.heard.map(({ payload }) => payload))]
        expect(firsts.filter((payload) => wanted.includes(payload))).toEqual(wanted)
        expect(twice(owed, client.heard)).toEqual([])
      },
    )
    await fc.assert(property, RUNS)
  },
)

it('brings a group all that it is owed, at QoS 2 to one of its members once', OPTIONS, async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('publish' as const), qos }) },
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('do' as const), who: fc.nat(2), doing }) },
    { weight: 3, arbitrary: turn },
  )
  // A third member comes and goes, session and all. What it was given at QoS 2 is lost with that, as it has to be.
  const property = fc.asyncProperty(
    plan(step),
    receiveMaximum,
    fc.boolean(),
    fc.boolean(),
    async (steps, window, isSlow, isPassing) => {
      const world = await new World(isSlow).start()
      const staying = [new ModelClient('a', kept(window)), new ModelClient('b', kept(window))]
      const passing = new ModelClient('c', { properties: { receiveMaximum: window } })
      const members = [...staying, passing]
      const join = (member: ModelClient) => world.answered(() => member.subscribe('$share/g/t', 2, 2))
      const owed: Message[] = []
      for (const member of staying) {
        await act(world, member, 'connect')
        await join(member)
      }
      for (const one of steps) {
        if (one.kind === 'publish') {
          const published = await world.publish('t', isPassing ? 1 : one.qos)
          owed.push({ published, qos: isPassing ? 1 : one.qos })
        } else if (one.kind === 'do') {
          const member = members[one.who]!
          if (member === passing && !isPassing) continue
          await act(world, member, one.doing)
          if (member === passing && one.doing === 'connect') await join(member)
        } else await take(world, members, one)
      }
      passing.lose()
      await settle()
      await world.finish(staying)
      const heard = members.flatMap((member) => member.heard)
      expect(missing(owed, heard)).toEqual([])
      expect(twice(owed, heard)).toEqual([])
    },
  )
  await fc.assert(property, RUNS)
})

it(
  'brings a session what is retained under its subscription, or what took its place, at QoS 2 once',
  OPTIONS,
  async () => {
    const topic = fc.constantFrom('r/0', 'r/1', 'r/2', 'r/3', 'r/4')
    const value = fc.record({ topic, qos })
    const step = fc.oneof(
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('retain' as const), value }) },
      { weight: 9, arbitrary: fc.record({ kind: fc.constant('do' as const), doing }) },
      { weight: 3, arbitrary: turn },
    )
    const before = fc.array(value, { maxLength: 8 })
    const property = fc.asyncProperty(
      before,
      plan(step),
      qos,
      receiveMaximum,
      fc.boolean(),
      async (first, steps, asked, window, isSlow) => {
        const world = await new World(isSlow).start()
        const client = new ModelClient('a', kept(window))
        /** Of each topic, oldest first, from what is retained at the SUBSCRIBE on. */
        const values = new Map<string, Message[]>()
        const retain = async (one: { topic: string; qos: 1 | 2 }): Promise<Message> => {
          return { published: await world.publish(one.topic, one.qos, true), qos: lower(asked, one.qos) }
        }
        for (const one of first) values.set(one.topic, [await retain(one)])
        const retained = new Set(values.keys())
        await act(world, client, 'connect')
        await world.answered(() => client.subscribe('r/#', asked, 0))
        for (const one of steps) {
          if (one.kind === 'retain') {
            values.set(one.value.topic, [...(values.get(one.value.topic) ?? []), await retain(one.value)])
          } else if (one.kind === 'do') await act(world, client, one.doing)
          else await take(world, [client], one)
        }
        await world.finish([client])
        for (const [name, all] of values) {
          // The first may have been replaced before its turn came. All others were published to the subscription.
          const isReplaced = retained.has(name) && all.length > 1
          expect(missing(isReplaced ? all.slice(1) : all, client.heard)).toEqual([])
          expect(twice(all, client.heard)).toEqual([])
        }
      },
    )
    await fc.assert(property, RUNS)
  },
)

it(
  'keeps apart what one session is owed by itself, as a member of a group, and of what is retained',
  OPTIONS,
  async () => {
    const topic = fc.constantFrom('t', 's', 'r/0', 'r/1', 'r/2')
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('publish' as const), topic, qos }) },
      { weight: 12, arbitrary: fc.record({ kind: fc.constant('do' as const), who: fc.nat(1), doing }) },
      { weight: 3, arbitrary: turn },
      { weight: 1, arbitrary: fc.constant({ kind: 'feed' as const }) },
    )
    const property = fc.asyncProperty(
      plan(step),
      receiveMaximum,
      fc.boolean(),
      async (steps, window, isSlow) => {
        const world = await new World(isSlow).start()
        const [a, b] = [new ModelClient('a', kept(window)), new ModelClient('b', kept(window))]
        const owed: Record<'t' | 's' | 'r', Message[]> = { t: [], s: [], r: [] }
        /** Of each topic that is retained when the subscription is made: until then nothing there is owed. */
        const retained = new Map<string, Message>()
        let isFed = false
        for (const member of [a, b]) {
          await act(world, member, 'connect')
          await world.answered(() => member.subscribe('$share/g/s', 2, 2))
        }
        await world.answered(() => a.subscribe('t', 2, 2))
        for (const one of steps) {
          if (one.kind === 'publish') {
            const isRetained = one.topic.startsWith('r/')
            const message = { published: await world.publish(one.topic, one.qos, isRetained), qos: one.qos }
            if (!isRetained) owed[one.topic as 't' | 's'].push(message)
            else if (isFed) {
              // What it replaces may not have been given yet.
              retained.delete(one.topic)
              owed.r.push(message)
            } else retained.set(one.topic, message)
          } else if (one.kind === 'do') await act(world, one.who === 0 ? a : b, one.doing)
          else if (one.kind !== 'feed') await take(world, [a, b], one)
          else if (!isFed && a.client !== null) {
            await world.answered(() => a.subscribe('r/#', 2, 0))
            isFed = true
          }
        }
        await world.finish([a, b])
        const wanted = payloads(owed.t.filter(({ published }) => published.isKept))
        const firsts = [...new Set(a.heard.map(({ payload }) => payload))]
        expect(firsts.filter((payload) => wanted.includes(payload))).toEqual(wanted)
        const fed = isFed ? [...retained.values()] : []
        expect(missing([...owed.r, ...fed], a.heard)).toEqual([])
        expect(missing(owed.s, [...a.heard, ...b.heard])).toEqual([])
        const all = [...owed.t, ...owed.s, ...owed.r, ...retained.values()]
        expect(twice(all, [...a.heard, ...b.heard])).toEqual([])
      },
    )
    await fc.assert(property, RUNS)
  },
)
