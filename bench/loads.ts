// The loads, and what the finished broker has to reach in each. A message occupies its sender's window
// until it is acknowledged and has reached all its subscribers; a window of 1 is one message at a time.
import { startAlertingHub } from './alerts.ts'
import type { Loss } from './alerts.ts'
import type { RunningBroker } from './brokers/broker.ts'
import type { LoadOptions } from './load.ts'
import type { MeasuredLoad, Measurement } from './measure.ts'

type Target =
  /** As a multiple of Mosquitto's figure in the same run. */
  | { readonly atLeast: number }
  /** In the figure's own unit. */
  | { readonly under: number }

export type Unit = '/s' | 'ms' | 'KiB'

export type Figure = {
  readonly title: string
  readonly unit: Unit
  readonly of: (measurement: Measurement) => number
  readonly target?: Target
}

export type Load = MeasuredLoad & {
  /** What --only selects by. */
  readonly name: string
  readonly figures: readonly Figure[]
  /** Every repetition gets a new broker, so that its memory shows this load alone. */
  readonly freshBroker?: true
  /** The other brokers cannot do this. */
  readonly vigieOnly?: true
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
  ruleLatency('rule-latency-at-rest', 20),
  ruleLatency('rule-latency', 200),
  // 750 is half of the rate that one rule that publishes reaches with the whole hub on one core.
  ruleLatency('rule-latency-at-half-load', 750),
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
      figures: [
        delivered(
          `${title}, ${size === 64 ? '64 B' : '1 KiB'}, QoS ${qos}`,
          size === 64 ? atLeast[qos] : KIB_TARGET,
        ),
      ],
    })),
  )
}

function oneAtATime(): Load[] {
  return ([0, 1] as const).map((qos) => ({
    name: `single-qos${qos}`,
    program: 'stream',
    options: { pubs: 50, subs: 50, pairs: 1, qos, window: 1 },
    figures: [delivered(`50 pairs, one message at a time, QoS ${qos}`, [1.1, 1][qos])],
  }))
}

function devicesInTurn(): Load[] {
  return ([0, 1] as const).map((qos) => ({
    name: `devices-qos${qos}`,
    program: 'stream',
    options: { pubs: 1000, subs: 1, qos, window: 1 },
    figures: [delivered(`1,000 devices in turn → 1, QoS ${qos}`, [1.5, 1][qos])],
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
          target: { atLeast: 1.5 },
        },
      ],
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
function ruleLatency(name: string, rate: number): Load {
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
    figures: ([50, 99] as const).map((percentile) => ({
      title: `publish to action at ${rate.toLocaleString('en')} runs/s, p${percentile}`,
      unit: 'ms',
      of: (m) => m.stream!.delivery[`p${percentile}`],
      target: { under: percentile === 50 ? 10 : 25 },
    })),
  }
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
    figures: [{ title: 'connects', unit: '/s', of: (m) => m.connect!.connects / m.connect!.seconds }],
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
