// The runner's line to the hub, over MQTT. Whatever the hub does, nothing here keeps the command from
// running: what cannot be delivered is kept, in order, until the hub is there, and the first trouble is told
// once.

import type { IClientOptions, MqttClient } from 'mqtt'
import { messageOf } from '../base/printable.ts'
import type { JsonObject } from '../model/json.ts'
import { taskTopic } from '../model/task.ts'
import type { TaskVerb } from '../model/task.ts'

export interface HubLineOptions {
  /** `mqtt://hub:1883`, without user and password. */
  readonly url: string
  readonly login: Pick<IClientOptions, 'username' | 'password'>
  readonly tls: Pick<IClientOptions, 'ca' | 'cert' | 'key'>
  readonly task: string
  /** Tells this run from all others; the client identifier is made of it. */
  readonly id: string
  /** What the hub says of the run when this process is gone without a word. */
  readonly will: JsonObject
  /** How long the hub waits before it says so. */
  readonly lostAfterMs: number
  /** Called with a sentence, at most once. */
  readonly complain: (sentence: string) => void
  /** The line is there again. */
  readonly back: () => void
}

const RECONNECT_MS = 1_000
const CONNECT_MS = 10_000
const KEEP_ALIVE_S = 30
/**
 * The session outlives the connection for longer than the will waits; else the end of the session publishes
 * it.
 */
const BEYOND_WILL_S = 60
/** How long a farewell may take. */
const FAREWELL_MS = 1_000

export class HubLine {
  readonly #options: HubLineOptions
  readonly #underWay = new Set<Promise<unknown>>()
  #client: MqttClient | undefined
  #hasComplained = false
  #isEnding = false

  constructor(options: HubLineOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    try {
      await this.#connect()
    } catch (error) {
      // Such as a certificate that is none.
      this.#complain(messageOf(error))
    }
  }

  async #connect(): Promise<void> {
    const { url, login, tls, task, id, will, lostAfterMs, back } = this.#options
    const { connect } = (await import('mqtt')).default
    const lostAfterS = Math.ceil(lostAfterMs / 1_000)
    const client = connect(url, {
      ...login,
      ...tls,
      protocolVersion: 5,
      clientId: `vigie-run-${task}-${id}`,
      clean: false,
      properties: { sessionExpiryInterval: lostAfterS + BEYOND_WILL_S },
      will: {
        topic: taskTopic(task, 'failed'),
        payload: Buffer.from(JSON.stringify(will)),
        qos: 1,
        retain: false,
        properties: { willDelayInterval: lostAfterS },
      },
      keepalive: KEEP_ALIVE_S,
      reconnectPeriod: RECONNECT_MS,
      reconnectOnConnackError: true,
      connectTimeout: CONNECT_MS,
      resubscribe: false,
    })
    let connects = 0
    client.on('connect', () => {
      if (connects++ > 0) back()
    })
    client.on('error', (error) =>
      this.#complain(messageOf(error) || (error as NodeJS.ErrnoException).code || ''),
    )
    client.on('close', () => this.#complain('the connection ended'))
    this.#client = client
  }

  get isConnected(): boolean {
    return this.#client?.connected === true
  }

  /** Whether something is yet to be acknowledged. */
  get isBusy(): boolean {
    return this.#underWay.size > 0
  }

  /** Delivers it now, or when the hub is there. */
  say(verb: TaskVerb, payload: JsonObject): void {
    const { task } = this.#options
    if (this.#client === undefined) return
    const topic = taskTopic(task, verb)
    const said = this.#client
      .publishAsync(topic, JSON.stringify(payload), { qos: 1 })
      .catch((error: unknown) => this.#complain(messageOf(error)))
      .finally(() => this.#underWay.delete(said))
    this.#underWay.add(said)
  }

  /** Says good-bye when all has been acknowledged, or after this long. */
  async end(patienceMs: number): Promise<void> {
    const client = this.#client
    if (client === undefined) return
    const late = Promise.withResolvers<'late'>()
    const timer = setTimeout(late.resolve, patienceMs, 'late')
    const isLate = (await Promise.race([Promise.all(this.#underWay), late.promise])) === 'late'
    clearTimeout(timer)
    if (isLate) this.#complain('it does not answer')
    this.#isEnding = true
    // An ordinary DISCONNECT takes the will back, and ends the session.
    const isPolite = !isLate && client.connected
    const gone = client.endAsync(!isPolite, { properties: { sessionExpiryInterval: 0 } }).catch(() => {})
    const timeUp = Promise.withResolvers<void>()
    const farewell = setTimeout(timeUp.resolve, FAREWELL_MS)
    await Promise.race([gone, timeUp.promise])
    clearTimeout(farewell)
    client.stream?.destroy()
  }

  #complain(reason: string): void {
    if (this.#hasComplained || this.#isEnding) return
    this.#hasComplained = true
    const { url, task, complain } = this.#options
    complain(
      `the hub at ${url} cannot be told of "${task}" (${reason}). ` +
        'The command runs all the same, and what there is to tell is kept while it runs.',
    )
  }
}
