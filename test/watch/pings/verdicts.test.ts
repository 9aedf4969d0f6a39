// Tests `src/watch/pings/verdicts.ts` and `src/watch/pings/outlook.ts`: what is told of pings that depend on each other,
// of the network, and of those that change too often. Each row is a world in which some do not answer for a
// while, and all that is said of it, by the second.

import * as fc from 'fast-check'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { PingReport, PingSpec } from '../../../src/model/probe.ts'
import { openSecrets } from '../../../src/secrets/secrets.ts'
import type { Check } from '../../../src/watch/probes/check.ts'
import { Pings } from '../../../src/watch/pings/pings.ts'
import { reach } from '../../support/reach.ts'

type Declared = Partial<PingSpec> & Pick<PingSpec, 'name'>

interface World {
  readonly pings: readonly Declared[]
  /** From and to which second each does not answer. */
  readonly out: Readonly<Record<string, readonly (readonly [from: number, to: number])[]>>
  /** From and to which second each cannot be checked. */
  readonly unable?: World['out']
  readonly lengthS: number
  /** What was retained before. */
  readonly retained?: Readonly<Record<string, object>>
}

const EVERY = { everyMs: 10_000, fails: 2, recovers: 2 }
const router: Declared = { name: 'router' }
const nas: Declared = { name: 'nas', dependsOn: ['router'] }
const share: Declared = { name: 'share', dependsOn: ['nas'] }
const dns: Declared = { name: 'dns', isReference: true }
const gateway: Declared = { name: 'gateway', isReference: true }
const site: Declared = { name: 'site' }

/** `130 router down`: the second, what, its state, and by what it is muted. */
async function toldOf({ pings, out, unable = {}, lengthS, retained = {} }: World): Promise<string[]> {
  const clock = new ManualClock(0)
  const told: string[] = []
  const isIn = (times: World['out'][string] = []): boolean =>
    times.some(([from, to]) => clock.now() >= from * 1_000 && clock.now() < to * 1_000)
  const check = async ({ name }: PingSpec): Promise<Check> =>
    isIn(unable[name])
      ? { kind: 'unable', reason: 'no program' }
      : isIn(out[name])
        ? { kind: 'failed', reason: 'no reply' }
        : { kind: 'good', latencyMs: 1 }
  const watch = new Pings(
    pings.map((ping) => ({
      target: { kind: 'host', host: 'x' },
      jitterMs: 0,
      timeoutMs: 5_000,
      flapping: null,
      dependsOn: [],
      isReference: false,
      ...EVERY,
      ...ping,
    })),
    {
      root: 'vigie',
      clock,
      log: silentLog,
      secrets: openSecrets({}, null),
      last: (topic) => (retained[topic] ? Buffer.from(JSON.stringify(retained[topic])) : undefined),
      within: (_ping, code) => code(),
      isLeftAlone: () => false,
      publish: async ({ topic, payload }) => {
        if (topic.endsWith('/minute')) return 0
        const { state, mutedBy } = JSON.parse(String(payload)) as PingReport
        const name = topic.replace(/^vigie\/(ping\/)?/, '')
        told.push(
          [Math.floor(clock.now() / 1_000), name, state, mutedBy]
            .filter((part) => part !== undefined)
            .join(' '),
        )
        return told.length
      },
      check,
    },
  )
  watch.start()
  for (let quarter = 0; quarter < 4 * lengthS; quarter++) {
    await setImmediate()
    clock.advance(250)
  }
  await watch.stop()
  return told
}

const UP = ['0 router up', '0 nas up']

test.each<[string, World, readonly string[]]>([
  [
    'a child is unreachable while its parent is down, and up with the first answer',
    { pings: [router, nas], out: { router: [[100, 200]], nas: [[100, 200]] }, lengthS: 300 },
    [...UP, '110 router down', '110 nas unreachable router', '200 nas up', '210 router up'],
  ],
  [
    'a child that fails while its parent answers is down',
    { pings: [router, nas], out: { nas: [[100, 200]] }, lengthS: 300 },
    [...UP, '110 nas down', '210 nas up'],
  ],
  [
    'a child that answers while its parent is down stays up',
    { pings: [router, nas], out: { router: [[100, 200]] }, lengthS: 300 },
    [...UP, '110 router down', '210 router up'],
  ],
  [
    'a child that still fails when its parent is up again goes down then, after as many checks as it is given',
    { pings: [router, nas], out: { router: [[100, 200]], nas: [[100, 300]] }, lengthS: 400 },
    [...UP, '110 router down', '110 nas unreachable router', '210 router up', '220 nas down', '310 nas up'],
  ],
  [
    'a child that was down before its parent was is unreachable, and down again when that is up',
    { pings: [router, nas], out: { router: [[150, 200]], nas: [[100, 300]] }, lengthS: 400 },
    [
      ...UP,
      '110 nas down',
      '160 router down',
      '160 nas unreachable router',
      '210 router up',
      '210 nas down',
      '310 nas up',
    ],
  ],
  [
    'a child that is quicker to be down than its parent waits for what its parent comes to',
    {
      pings: [
        { ...router, fails: 5 },
        { ...nas, fails: 1 },
      ],
      out: { router: [[95, 200]], nas: [[95, 200]] },
      lengthS: 300,
    },
    [...UP, '140 router down', '140 nas unreachable router', '200 nas up', '210 router up'],
  ],
  [
    'a child whose parent answers out of turn does not wait for its next check',
    {
      pings: [
        { ...router, everyMs: 300_000 },
        { ...nas, fails: 1 },
      ],
      out: { nas: [[95, 200]] },
      lengthS: 300,
    },
    [...UP, '100 nas down', '210 nas up'],
  ],
  [
    'a whole chain is unreachable by what is down at its head',
    {
      pings: [router, nas, share],
      out: { router: [[95, 200]], nas: [[95, 200]], share: [[95, 200]] },
      lengthS: 300,
    },
    [
      ...UP,
      '0 share up',
      '110 router down',
      '110 nas unreachable router',
      '110 share unreachable router',
      '200 nas up',
      '200 share up',
      '210 router up',
    ],
  ],
  [
    'a parent that cannot be checked keeps no child from being down',
    {
      pings: [router, nas],
      out: { nas: [[100, 200]] },
      unable: { router: [[50, 400]] },
      lengthS: 300,
    },
    [...UP, '60 router unknown', '110 nas down', '210 nas up'],
  ],
  [
    'when all references fail the network is gone, once, and nothing is down',
    {
      pings: [dns, gateway, site],
      out: { dns: [[100, 200]], gateway: [[100, 200]], site: [[100, 200]] },
      lengthS: 300,
    },
    [
      '0 dns up',
      '0 gateway up',
      '0 site up',
      '110 hub/network down',
      '110 dns unreachable hub/network',
      '110 gateway unreachable hub/network',
      '110 site unreachable hub/network',
      '200 dns up',
      '200 hub/network up',
      '200 gateway up',
      '200 site up',
    ],
  ],
  [
    'one reference that fails is down, and so is another ping',
    { pings: [dns, gateway, site], out: { dns: [[100, 200]], site: [[100, 200]] }, lengthS: 300 },
    ['0 dns up', '0 gateway up', '0 site up', '110 dns down', '110 site down', '210 dns up', '210 site up'],
  ],
  [
    'what is in the house stays up while the network is gone',
    { pings: [dns, site], out: { dns: [[100, 200]] }, lengthS: 300 },
    [
      '0 dns up',
      '0 site up',
      '110 hub/network down',
      '110 dns unreachable hub/network',
      '200 dns up',
      '200 hub/network up',
    ],
  ],
  [
    'a ping that is quicker than the references does not go down before they have said what is the matter',
    {
      pings: [
        { ...dns, fails: 4 },
        { ...site, fails: 1 },
      ],
      out: { dns: [[95, 200]], site: [[95, 200]] },
      lengthS: 300,
    },
    [
      '0 dns up',
      '0 site up',
      '130 hub/network down',
      '130 site unreachable hub/network',
      '130 dns unreachable hub/network',
      '200 dns up',
      '200 hub/network up',
      '200 site up',
    ],
  ],
  [
    'references behind a router that is down are a network that is gone',
    {
      pings: [router, { ...dns, dependsOn: ['router'] }, site],
      out: { router: [[95, 200]], dns: [[95, 200]], site: [[95, 200]] },
      lengthS: 300,
    },
    [
      '0 router up',
      '0 dns up',
      '0 site up',
      '110 hub/network down',
      '110 router unreachable hub/network',
      '110 dns unreachable hub/network',
      '110 site unreachable hub/network',
      '200 router up',
      '200 dns up',
      '200 hub/network up',
      '200 site up',
    ],
  ],
  [
    'a hub that starts again without its network says nothing new',
    {
      pings: [dns, site],
      out: { dns: [[0, 100]], site: [[0, 100]] },
      retained: {
        'vigie/hub/network': { state: 'down' },
        'vigie/ping/dns': { state: 'unreachable', previous: 'up', mutedBy: 'hub/network' },
        'vigie/ping/site': { state: 'unreachable', previous: 'down', mutedBy: 'hub/network' },
      },
      lengthS: 200,
    },
    ['100 dns up', '100 hub/network up', '110 site up'],
  ],
  [
    'a hub that starts without a network that it has never seen says so',
    { pings: [dns, site], out: { dns: [[0, 100]], site: [[0, 100]] }, lengthS: 200 },
    [
      '10 hub/network down',
      '10 dns unreachable hub/network',
      '10 site unreachable hub/network',
      '100 dns up',
      '100 hub/network up',
      '100 site up',
    ],
  ],
])('%s', async (_title, world, expected) => {
  expect(await toldOf(world)).toEqual(expected)
})

test('a ping that changes all the time is told to be flapping once, and what it is when that has ended', async () => {
  const quick = { everyMs: 10_000, fails: 1, recovers: 1, flapping: { above: 3, until: 1 } }
  // Down for ten seconds, up for ten, for ten minutes.
  const out = { site: Array.from({ length: 30 }, (_, n) => [95 + 20 * n, 105 + 20 * n] as const) }
  const told = await toldOf({ pings: [{ ...site, ...quick }], out, lengthS: 1_400 })
  expect(told).toEqual([
    '0 site up',
    '100 site down',
    '110 site up',
    '120 site down',
    '130 site flapping',
    '1210 site up',
  ])
  const all = await toldOf({ pings: [{ ...site, ...quick, flapping: null }], out, lengthS: 1_400 })
  expect(all).toHaveLength(61)
})

const anyTimes = fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 120 })), { maxLength: 3 })
const anyWorld = fc.record({
  out: fc.record({ router: anyTimes, nas: anyTimes, share: anyTimes, dns: anyTimes, gateway: anyTimes }),
  fails: fc.record({
    router: fc.integer({ min: 1, max: 4 }),
    nas: fc.integer({ min: 1, max: 4 }),
    dns: fc.integer({ min: 1, max: 4 }),
  }),
})

test('whatever fails when, nothing goes down but while all that it depends on, and a reference, answers', async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, async ({ out, fails }) => {
      const times = Object.fromEntries(
        Object.entries(out).map(([name, all]) => [
          name,
          all.map(([from, length]) => [from, from + length] as const),
        ]),
      )
      const pings = [
        { ...router, fails: fails.router },
        { ...nas, fails: fails.nas },
        share,
        { ...dns, fails: fails.dns },
        gateway,
      ]
      const told = await toldOf({ pings, out: times, lengthS: 400 })
      // For as long as there is between two checks: so the last one has failed.
      const isOut = (name: string, at: number): boolean =>
        (times[name] ?? []).some(([from, to]) => at - EVERY.everyMs / 1_000 >= from && at < to)
      const parents: Record<string, readonly string[]> = { nas: ['router'], share: ['nas'] }
      const wrong = told.filter((line) => {
        const [second = '', name = '', state] = line.split(' ')
        const at = Number(second)
        const isAlone =
          (isOut('dns', at) && isOut('gateway', at)) || (parents[name] ?? []).some((one) => isOut(one, at))
        return state === 'down' && name !== 'hub/network' && isAlone
      })
      expect(wrong).toEqual([])
      // Nothing fails at the end, and all is told to be well.
      const last = new Map(told.map((line) => [line.split(' ')[1], line.split(' ')[2]]))
      expect([...last.values()].every((state) => state === 'up')).toBe(true)
    }),
    { numRuns: reach(15, 500) },
  )
})
