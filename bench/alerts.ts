// How long it takes from a loss to the request at an alert channel, here a webhook: a whole hub, with all
// commits on the disk. One loss at a time; everything is on the loopback.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { connectAsync } from 'mqtt'
import { generate } from 'mqtt-packet'
import { openChannel } from './alerts/channel.ts'
import type { Channel } from './alerts/channel.ts'
import { openHost } from './alerts/host.ts'
import type { Host } from './alerts/host.ts'
import type { AlertResult, RunningBroker } from './brokers/broker.ts'
import { startVigie } from './brokers/vigie.ts'

/** What is lost, and from which moment the time counts. */
export type Loss = 'will' | 'silence' | 'process' | 'host'

/** A hub, the channel that it tells, and the host that it pings. */
type Place = {
  readonly port: number
  readonly channel: Channel
  readonly host: Host
}

/** Moments in Unix milliseconds, with fractions. */
type Try = { readonly lostAt: number; readonly knowableAt: number; readonly toldAt: number }

/** That of brokers/alert-rules/silence. */
const SILENCE_MS = 200
/** The processes of brokers/alert-rules/process. */
const SLEEPS = ['86398', '86399']
/** Between two looks at the processes. */
const LOOK_MS = 5_000

const now = (): number => performance.timeOrigin + performance.now()

/** Starts a hub with the rule for one loss. */
export async function startAlertingHub(loss: Loss): Promise<RunningBroker> {
  const [channel, host] = [await openChannel(), await openHost()]
  const close = async () => {
    await Promise.all([channel.close(), host.close()])
  }
  try {
    const hub = await startVigie({
      rules: `alert-rules/${loss}`,
      config: `import { webhook } from 'vigie/channels'
export default { alerts: { channels: { bench: webhook({ url: '${channel.url}' }) } } }\n`,
      env: { VIGIE_BENCH_HOST: host.port },
    })
    const stop = async () => {
      await hub.stop()
      await close()
    }
    const place = { port: hub.port, channel, host }
    return { ...hub, stop, measureAlerts: (tries) => measureAlerts(place, loss, tries) }
  } catch (error) {
    await close()
    throw error
  }
}

/** Loses something again and again. */
async function measureAlerts(place: Place, loss: Loss, count: number): Promise<AlertResult> {
  const lose = await LOSSES[loss](place)
  try {
    // The first ones warm the hub up.
    for (let n = 0; n < 2; n++) await lose.once(n)
    const begunAt = performance.now()
    const begun = process.cpuUsage()
    const tries: Try[] = []
    for (let n = 2; n < count + 2; n++) tries.push(await lose.once(n))
    const { user, system } = process.cpuUsage(begun)
    return {
      cpu: (user + system) / 1_000 / (performance.now() - begunAt),
      hub: percentiles(tries.map(({ knowableAt, toldAt }) => toldAt - knowableAt)),
      whole: percentiles(tries.map(({ lostAt, toldAt }) => toldAt - lostAt)),
    }
  } finally {
    await lose.end()
  }
}

/** Each the least value that this share of all values does not exceed. */
function percentiles(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1]!
  return { p50: at(0.5), p99: at(0.99) }
}

type Losing = { once(n: number): Promise<Try>; end(): Promise<void> }

const LOSSES: Readonly<Record<Loss, (place: Place) => Promise<Losing>>> = {
  will: async ({ port, channel }) => ({
    once: async (n) => {
      const kill = await startClient(port, `alert/will/${n}`)
      const lostAt = now()
      kill()
      return { lostAt, knowableAt: lostAt, ...(await channel.told()) }
    },
    end: async () => {},
  }),

  silence: async ({ port, channel }) => {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`)
    return {
      once: async (n) => {
        const lostAt = now()
        client.publish(`alert/silence/${n}`, 'still here')
        return { lostAt, knowableAt: lostAt + SILENCE_MS, ...(await channel.told()) }
      },
      end: () => client.endAsync(),
    }
  },

  // The hub can know from the look that finds the loss on, whose moment is that of the event. There are two
  // processes in turn: while one is missed at a look, the other is seen to run again.
  process: async ({ channel }) => {
    const start = async (seconds: string) => {
      const child = spawn('sleep', [seconds], { stdio: 'ignore' })
      await once(child, 'spawn')
      return child
    }
    const running = await Promise.all(SLEEPS.map(start))
    // What the hub has missed before they ran is told by now.
    await pause(2.2 * LOOK_MS)
    channel.forget()
    return {
      once: async (n) => {
        const index = n % SLEEPS.length
        await pause(Math.random() * 0.9 * LOOK_MS)
        const lostAt = now()
        running[index]!.kill('SIGKILL')
        const { toldAt, eventAt } = await channel.told()
        running[index] = await start(SLEEPS[index]!)
        return { lostAt, knowableAt: eventAt, toldAt }
      },
      end: async () => {
        for (const child of running) child.kill('SIGKILL')
      },
    }
  },

  // The hub can know from the moment of the next planned check on.
  host: async ({ channel, host }) => ({
    once: async () => {
      await host.checked()
      const lostAt = await host.checked()
      await host.leave()
      const { toldAt } = await channel.told()
      await host.comeBack()
      return { lostAt, knowableAt: host.plannedAfter(lostAt), toldAt }
    },
    end: async () => {},
  }),
}

/** A client with a will, as a process of its own. Returns what kills it, without a word to the hub. */
async function startClient(port: number, topic: string): Promise<() => void> {
  const clientId = topic.replaceAll('/', '-')
  const will = { topic, payload: Buffer.from('gone'), qos: 1, retain: false } as const
  const connect = generate({ cmd: 'connect', clientId, clean: true, keepalive: 60, will })
  const bytes = Array.from(connect, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  // The shell becomes a program that passes on what the hub says; the first of that is CONNACK.
  const script = `exec 3<>/dev/tcp/127.0.0.1/$1; printf "$2" >&3; exec cat <&3`
  const child = spawn('bash', ['-c', script, 'bash', String(port), bytes], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return () => child.kill('SIGKILL')
}
