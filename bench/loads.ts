// The loads, and what the finished broker has to reach in each. A message occupies its sender's window
// until it is acknowledged and has reached all its subscribers; a window of 1 is one message at a time.
import { startAlertingHub } from './alerts.ts'
import type { Loss } from './alerts.ts'
import type { RunningBroker } from './brokers/broker.ts'
import type { LoadOptions } from './load.ts'
import { syncTimes } from './machine.ts'
import type { MeasuredLoad, Measurement } from './measure.ts'
import { loneCommands, loneRequests, startActingHub } from './runs.ts'
import type { Action } from './runs.ts'

type Target =
  /** As a multiple of Mosquitto's figure in the same run, or of the limit. */
  | { readonly atLeast: number; readonly of?: 'limit' }
  /** As a multiple of the C relay's figure in the same run. */
  | { readonly atMost: number }
  /** In the figure's own unit. */
  | { readonly under: number }
  /** In the figure's own unit, above the limit. */
  | { readonly above: number }
  /** What is judged by a program of its own. */
  | { readonly elsewhere: string }

export type Unit = '/s' | 'ms' | 'KiB' | 'µs'

/** What the figure is held against: no hub on this machine could be better. */
export type Limit = {
  readonly title: string
  /** Measures it, in the figure's own unit. */
  readonly measure: () => number | Promise<number>
}

export type Figure = {
  readonly title: string
  readonly unit: Unit
  readonly of: (measurement: Measurement) => number
  readonly target?: Target
  readonly limit?: Limit
}

export type Load = MeasuredLoad & {
  /** What --only selects by. */
  readonly name: string
  readonly figures: readonly Figure[]
  /** Every repetition gets a new broker, so that its memory shows this load alone. */
  readonly freshBroker?: true
  /** The other brokers cannot do this. */
  readonly vigieOnly?: true
  /** The C relay can, too: it is the limit of what comes in and goes out unrecorded. */
  readonly relayToo?: true
  /** Starts the hub that this needs, with rules of its own. */
  readonly start?: () => Promise<RunningBroker>
  /** Too long for an ordinary run: only when --only names it. */
  readonly onRequest?: true
}

const SHAPES = {
  'fan-in': { title: 'fan-in 10→1', options: { pubs: 10, subs: 1 }, window: 1000, atLeast: [20, 8, 10] },
  'fan-out': { title: 'fan-out 1→100', options: { pubs: 1, subs: 100 }, window: 200, atLeast: [12, 6, 8] },
  pairs: { title: '50 pairs', options: { pubs: 50, subs: 50, pairs: 1 }, window: 200, atLeast: [15, 8, 8] },
} as const

// QoS 0 at 64 bytes has windows of its own, because a sender that waits for nothing fills its socket. 1 KiB
// keeps about a megabyte under way to one subscriber, because a broker may drop what a slow one leaves
// unread.
const ACKNOWLEDGED_WINDOW = 100
const KIB_TARGET = 8
/** The most CPU time of a message, as a multiple of the C relay's. */
const CPU_OF_RELAY: Readonly<Record<string, number>> = {
  'fan-in-qos0': 2.5,
  'pairs-qos0': 2.5,
  'pairs-qos1': 1.8,
  'devices-qos0': 1.4,
}
// Latencies are measured on a broker that has run for a while: in its first seconds Node's compiler takes
// the core for milliseconds.
const WARM = { warmup: 3, seconds: 2 }
const QOS = [0, 1, 2] as const

export const LOADS: readonly Load[] = [
  ...batched(64),
  ...batched(1024),
  ...oneAtATime(),
  ...devicesInTurn(),
  ...gateway(),
  latency(),
  ...durable(),
  ruleLatency('rule-latency-at-rest', 20, { p50: 3, p99: 8 }),
  ruleLatency('rule-latency', 200, { p99: 15 }),
  // 750 is half of the rate that one rule that publishes reaches with the whole hub on one core.
  ruleLatency('rule-latency-at-half-load', 750, { p99: 25 }),
  acting('webhook', 3_000),
  acting('shell', 200),
  alertLatency('will', 'a client is killed (will)', 100),
  alertLatency('silence', 'a topic is silent', 100),
  alertLatency('host', 'a host is dead (ping)', 100),
  alertLatency('process', 'a process crashes (watch)', 30),
  connects(),
  sensors('sensors', 10_000, 500),
  // Each sensor sends once a minute, for a minute. 18,000 is what fits where a process may open 20,000
  // files; 30,000 is the aim.
  { ...sensors('sensors-18000', 18_000, 300, { seconds: 60 }), onRequest: true },
  { ...sensors('sensors-30000', 30_000, 500, { seconds: 60 }), onRequest: true },
]

function batched(size: number): Load[] {
  return Object.entries(SHAPES).flatMap(([name, { title, options, window, atLeast }]) =>
    QOS.map((qos) => ({
      name: `${name}-qos${qos}-${size}`,
      program: 'stream' as const,
      options: { ...options, qos, size, window: qos === 0 && size === 64 ? window : ACKNOWLEDGED_WINDOW },
      ...(qos < 2 && { relayToo: true as const }),
      figures: [
        delivered(
          `${title}, ${size === 64 ? '64 B' : '1 KiB'}, QoS ${qos}`,
          size === 64 ? atLeast[qos] : KIB_TARGET,
        ),
        ...(size === 64 ? cpu(`${title}, QoS ${qos}`, CPU_OF_RELAY[`${name}-qos${qos}`]) : []),
      ],
    })),
  )
}

function oneAtATime(): Load[] {
  return ([0, 1] as const).map((qos) => ({
    name: `single-qos${qos}`,
    program: 'stream',
    options: { pubs: 50, subs: 50, pairs: 1, qos, window: 1 },
    relayToo: true,
    figures: [delivered(`50 pairs, one message at a time, QoS ${qos}`, 1.1)],
  }))
}

function devicesInTurn(): Load[] {
  return ([0, 1] as const).map((qos) => ({
    name: `devices-qos${qos}`,
    program: 'stream',
    options: { pubs: 1000, subs: 1, qos, window: 1 },
    relayToo: true,
    figures: [
      delivered(`1,000 devices in turn → 1, QoS ${qos}`, [1.5, 1][qos]),
      ...cpu(`1,000 devices in turn → 1, QoS ${qos}`, CPU_OF_RELAY[`devices-qos${qos}`]),
    ],
  }))
}

function gateway(): Load[] {
  return ([0, 1] as const).map((qos) => ({
    name: `gateway-qos${qos}`,
    program: 'stream',
    options: { pubs: 10, topics: 1000, subs: 1, qos, window: qos === 0 ? 1000 : ACKNOWLEDGED_WINDOW },
    figures: [delivered(`gateways: 10 connections × 1,000 topics → 1, QoS ${qos}`)],
  }))
}

function latency(): Load {
  return {
    name: 'latency',
    program: 'stream',
    options: { pubs: 50, subs: 50, pairs: 1, rate: 5000, ...WARM },
    figures: [
      { title: 'delivery at 5,000/s over 50 pairs, p50', unit: 'ms', of: (m) => m.stream!.delivery.p50 },
      {
        title: 'delivery at 5,000/s over 50 pairs, p99',
        unit: 'ms',
        of: (m) => m.stream!.delivery.p99,
        target: { under: 2 },
      },
    ],
  }
}

// Messages under durable/, which vigie records. The others keep nothing: the target is Mosquitto's rate
// without durability.
function durable(): Load[] {
  const common = { prefix: 'durable', qos: 1, pubs: 50 }
  return [
    {
      name: 'durable-acknowledged',
      program: 'stream',
      options: { ...common, subs: 0, window: 100 },
      figures: [
        {
          title: 'durable QoS 1: events into history, 50 senders, 100 in flight',
          unit: '/s',
          of: (m) => m.stream!.acknowledged / m.stream!.seconds,
          target: { atLeast: 2 },
        },
      ],
    },
    {
      name: 'durable-alone',
      program: 'stream',
      options: { ...common, pubs: 10, subs: 0, rate: 20, ...WARM },
      vigieOnly: true,
      figures: ([50, 99] as const).map((percentile) => ({
        title: `durable QoS 1: acknowledgement of a message that comes alone, p${percentile}`,
        unit: 'ms',
        of: (m) => m.stream!.acknowledgement[`p${percentile}`],
        target: { above: percentile === 50 ? 0.8 : 4 },
        limit: diskAlone(percentile),
      })),
    },
    {
      name: 'durable-delivered',
      program: 'stream',
      options: { ...common, subs: 1, window: 20 },
      figures: [delivered('durable QoS 1: 50 senders → 1, 20 in flight', 1.5)],
    },
    {
      name: 'durable-latency',
      program: 'stream',
      options: { ...common, subs: 0, rate: 10_000, ...WARM },
      figures: ([50, 99] as const).map((percentile) => ({
        title: `durable QoS 1: acknowledgement at 10,000/s, p${percentile}`,
        unit: 'ms',
        of: (m) => m.stream!.acknowledgement[`p${percentile}`],
        target: { under: percentile === 50 ? 2 : 10 },
      })),
    },
  ]
}

// Measures the whole hub: event committed, rule evaluated (brokers/rules/echo.ts), run planned, its action
// performed.
function ruleLatency(
  name: string,
  rate: number,
  targets: { readonly p50?: number; readonly p99: number },
): Load {
  return {
    name,
    program: 'stream',
    options: {
      pubs: 100,
      subs: 1,
      qos: 1,
      rate,
      prefix: 'rule/in',
      'deliver-prefix': 'rule/out',
      ...WARM,
    },
    vigieOnly: true,
    figures: [
      ...(['p50', 'p99'] as const).map((percentile) => {
        const under = targets[percentile]
        return {
          title: `publish to action at ${rate.toLocaleString('en')} runs/s, ${percentile}`,
          unit: 'ms' as const,
          of: (m: Measurement) => m.stream!.delivery[percentile],
          ...(under !== undefined && { target: { under } }),
          // The event is on the disk before it is evaluated, and the run before it acts.
          limit: diskAlone(percentile === 'p50' ? 50 : 99, 2),
        }
      }),
      ...cpu(`a run that publishes, at ${rate.toLocaleString('en')} runs/s`),
    ],
  }
}

// The hub has its work to itself: all messages come at once, and it acts on one after the other.
function acting(action: Action, messages: number): Load {
  const [title, target, limit] = {
    shell: [
      'shell steps, /usr/bin/true, on all cores',
      { atLeast: 0.6, of: 'limit' },
      { title: 'child_process.spawn', measure: loneCommands },
    ],
    webhook: [
      'webhooks, on one core',
      { elsewhere: '≥ 4 × Node-RED: node bench/node-red.ts' },
      { title: "Node's HTTP client", measure: loneRequests },
    ],
  }[action] as [string, Target, Limit]
  return {
    name: `runs-${action}`,
    program: 'runs',
    options: { messages },
    vigieOnly: true,
    start: () => startActingHub(action),
    figures: [{ title, unit: '/s', of: (m) => m.runs!.actions / m.runs!.seconds, target, limit }],
  }
}

/** What the disk takes to keep a group of the journal, once or so many times in a row. */
function diskAlone(percentile: 50 | 99, times = 1): Limit {
  return {
    title: times === 1 ? 'the disk alone' : `the disk alone, ${times} times`,
    measure: () => {
      const sorted = syncTimes().toSorted((a, b) => a - b)
      return times * sorted[Math.floor((sorted.length * percentile) / 100)]!
    },
  }
}

/** The CPU time of the broker for one message, whatever the noise of the machine. */
function cpu(what: string, atMost?: number): Figure[] {
  const target = atMost === undefined ? undefined : { atMost }
  return [
    { title: `CPU: ${what}`, unit: 'µs', of: (m) => m.cpuPerUnit, ...(target !== undefined && { target }) },
  ]
}

// From a loss to the request at an alert channel. `hub` counts from the moment at which the hub could know:
// the end of the connection, of the silence, the check that fails, the look at the processes.
function alertLatency(loss: Loss, title: string, tries: number): Load {
  const figures = [
    { part: 'hub', from: 'what the hub adds' },
    // The hub can know of a killed client at once: there is nothing else to wait for.
    ...(loss === 'will' ? [] : [{ part: 'whole', from: 'with what the rule waits for' } as const]),
  ] as const
  return {
    name: `alert-${loss}`,
    program: 'alerts',
    options: { tries },
    vigieOnly: true,
    start: () => startAlertingHub(loss),
    onRequest: true,
    figures: figures.flatMap(({ part, from }) =>
      ([50, 99] as const).map((percentile) => ({
        title: `alert when ${title}, ${tries} tries: ${from}, p${percentile}`,
        unit: 'ms' as const,
        of: (m: Measurement) => m.alerts![part][`p${percentile}`],
      })),
    ),
  }
}

function connects(): Load {
  return {
    name: 'connects',
    program: 'connect',
    options: {},
    figures: [
      {
        title: 'connect and disconnect, each an event in history',
        unit: '/s',
        of: (m) => m.connect!.connects / m.connect!.seconds,
        target: { atLeast: 0.35 },
      },
      ...cpu('connect and disconnect'),
    ],
  }
}

function sensors(name: string, count: number, rate: number, options: LoadOptions = {}): Load {
  const who = `${count.toLocaleString('en')} sensors`
  return {
    name,
    program: 'stream',
    options: { pubs: count, subs: 1, rate, window: 4, settle: 0.5, warmup: 0, ...options },
    times: 4,
    freshBroker: true,
    figures: [
      {
        title: `${who}: memory per connection`,
        unit: 'KiB',
        of: (m) => m.grownBytes / 1024 / (count + 1),
        target: { under: 8 },
      },
      {
        title: `${who} at ${rate}/s: delivery p99`,
        unit: 'ms',
        of: (m) => m.stream!.delivery.p99,
        target: { under: 50 },
      },
    ],
  }
}

function delivered(title: string, atLeast?: number): Figure {
  return {
    title,
    unit: '/s',
    of: (m) => m.stream!.delivered / m.stream!.seconds,
    ...(atLeast && { target: { atLeast } }),
  }
}
