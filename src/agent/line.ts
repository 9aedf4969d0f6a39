// The agent's line to the hub, over MQTT 5. What is said of probes leaves the store one message at a time, in
// order, and is forgotten when the hub has acknowledged it; so after a crash of either side at most the last
// one comes twice, under the same number.
//
// Always: an order is in the store before it is acknowledged.

import type { IClientOptions, IPublishPacket, MqttClient } from 'mqtt'
import { messageOf } from '../base/printable.ts'
import { answerTopic, hostTopic } from '../model/host.ts'
import type { AgentReport, HostAnswer } from '../model/host.ts'
import type { AgentStore } from './store.ts'

export interface LineOptions {
  /** `mqtts://hub:8883`, without user and password. */
  readonly url: string
  readonly login: Pick<IClientOptions, 'username' | 'password'>
  readonly tls: Pick<IClientOptions, 'ca' | 'cert' | 'key'>
  /** The root of the hub's own topics: `vigie`. */
  readonly root: string
  readonly host: string
  readonly store: AgentStore
  /** How long the connection may be lost before the agent counts as gone. */
  readonly lostAfterMs: number
  /** How the agent is, while it is connected. */
  readonly report: () => AgentReport
  /** What belongs to the host, as the hub has declared it; empty when the hub has taken that back. */
  readonly declared: (payload: Buffer) => void
  /** Must be in the store when it returns. */
  readonly ordered: (payload: Buffer, expiresInMs: number | null) => void
  /** The connection is there. The hub may have lost what it knew, or have called the agent gone. */
  readonly connected: (isForgotten: boolean) => void
  readonly say: (level: 'info' | 'warn' | 'error', sentence: string) => void
  /** Another client has the name of this agent: the two would throw each other out for ever. */
  readonly takenOver: () => void
}

const RECONNECT_MS = 1_000
const CONNECT_MS = 10_000
const LONGEST_KEEP_ALIVE_S = 15
/** Orders wait for the agent for as long as they are good; the hub forgets the session of an agent after this. */
const SESSION_S = 7 * 86_400
const FAREWELL_MS = 1_000

/** Reason codes of MQTT 5. */
const NOT_AUTHORIZED = [0x86, 0x87] as const
const SESSION_TAKEN_OVER = 0x8e

export class Line {
  readonly #options: LineOptions
  #client: MqttClient | undefined
  #isDraining = false
  #isEnding = false
  #problem = ''

  constructor(options: LineOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { url, login, tls, host, root, lostAfterMs, report, say, takenOver } = this.#options
    const { connect } = (await import('mqtt')).default
    const lostAfterS = Math.ceil(lostAfterMs / 1_000)
    const will: AgentReport = { ...report(), state: 'offline', reason: LOST }
    const client = connect(url, {
      ...login,
      ...tls,
      protocolVersion: 5,
      clientId: `vigie-agent-${host}`,
      clean: false,
      properties: { sessionExpiryInterval: SESSION_S },
      will: {
        topic: hostTopic(root, host, 'agent'),
        payload: Buffer.from(JSON.stringify(will)),
        qos: 1,
        retain: true,
        properties: { willDelayInterval: lostAfterS },
      },
      keepalive: Math.min(LONGEST_KEEP_ALIVE_S, Math.max(1, Math.floor(lostAfterS / 2))),
      reconnectPeriod: RECONNECT_MS,
      reconnectOnConnackError: true,
      connectTimeout: CONNECT_MS,
      resubscribe: false,
    })
    this.#client = client
    client.handleMessage = (packet, done) => {
      this.#hear(packet)
      done()
    }
    client.on('connect', ({ sessionPresent }) => void this.#begin(sessionPresent))
    client.on('error', (error) => this.#complain(error))
    client.on('close', () => {
      if (!this.#isEnding) this.#trouble('the connection ended')
    })
    client.on('disconnect', ({ reasonCode }) => {
      if (reasonCode === SESSION_TAKEN_OVER) {
        // Whoever came back would throw the other out.
        this.#isEnding = true
        client.end(true)
        takenOver()
      } else say('warn', `The hub ended the connection (reason ${reasonCode ?? 0}).`)
    })
  }

  /** Tells the hub what has been put into the store meanwhile. */
  poke(): void {
    void this.#drain()
  }

  /** Tells the hub how the agent is; without a connection that is told with the next one. */
  tellReport(): void {
    const { root, host, report } = this.#options
    if (this.#client?.connected !== true) return
    const payload = JSON.stringify(report())
    this.#published(this.#client, hostTopic(root, host, 'agent'), payload, true).catch((error: unknown) =>
      this.#complain(error),
    )
  }

  /** Resolves when the hub has the answer; rejects when it could not be told now. */
  async answer(key: string, answer: HostAnswer): Promise<void> {
    const { root, host } = this.#options
    if (this.#client?.connected !== true) throw new Error('there is no connection')
    await this.#published(this.#client, answerTopic(root, host, key), JSON.stringify(answer), false)
  }

  /** Says good-bye: the agent was stopped, which is no loss of the connection. */
  async end(): Promise<void> {
    const client = this.#client
    if (client === undefined || this.#isEnding) return
    this.#isEnding = true
    const { root, host, report } = this.#options
    const farewell = async (): Promise<void> => {
      const last: AgentReport = { ...report(), state: 'offline', reason: STOPPED }
      if (client.connected)
        await this.#published(client, hostTopic(root, host, 'agent'), JSON.stringify(last), true)
      await client.endAsync(!client.connected)
    }
    const timeUp = Promise.withResolvers<void>()
    const timer = setTimeout(timeUp.resolve, FAREWELL_MS)
    await Promise.race([farewell().catch(() => {}), timeUp.promise])
    clearTimeout(timer)
    client.stream?.destroy()
  }

  async #begin(sessionPresent: boolean): Promise<void> {
    const { root, host, connected, say, url } = this.#options
    try {
      const parts = (['declared', 'orders', 'agent'] as const).map((part) => hostTopic(root, host, part))
      await this.#client!.subscribeAsync(parts, { qos: 1 })
      this.#problem = ''
      say('info', `The hub at ${url} is told of "${host}".`)
      this.tellReport()
      connected(!sessionPresent)
    } catch (error) {
      this.#complain(error)
    }
    void this.#drain()
  }

  #hear({ topic, payload, properties }: IPublishPacket): void {
    const { root, host, declared, ordered, connected } = this.#options
    const bytes = Buffer.from(payload)
    if (topic === hostTopic(root, host, 'declared')) declared(bytes)
    else if (topic === hostTopic(root, host, 'orders')) {
      const { messageExpiryInterval } = properties ?? {}
      ordered(bytes, messageExpiryInterval === undefined ? null : messageExpiryInterval * 1_000)
    } else if (isOffline(bytes) && !this.#isEnding) {
      // The hub has called this agent gone, and its pings unknown.
      this.tellReport()
      connected(true)
    }
  }

  async #drain(): Promise<void> {
    const client = this.#client
    if (this.#isDraining || client === undefined) return
    this.#isDraining = true
    const { store, root, host } = this.#options
    const topic = hostTopic(root, host, 'said')
    try {
      for (let next = store.next(); next && client.connected && !this.#isEnding; next = store.next()) {
        const { n, ...what } = next
        await this.#published(client, topic, JSON.stringify({ store: store.id, n, ...what }), false)
        store.said(n)
      }
    } catch (error) {
      this.#complain(error)
    } finally {
      this.#isDraining = false
    }
  }

  /** Rejects when the hub refuses it. */
  async #published(client: MqttClient, topic: string, payload: string, retain: boolean): Promise<void> {
    await client.publishAsync(topic, payload, { qos: 1, retain })
  }

  #complain(error: unknown): void {
    const { code = '' } = error as { readonly code?: string | number }
    const isRefused = NOT_AUTHORIZED.some((reason) => reason === code)
    this.#trouble(messageOf(error) || String(code), isRefused)
  }

  /** Says the same only once, until the line is there again. */
  #trouble(reason: string, isRefused = false): void {
    if (this.#isEnding || this.#problem === reason) return
    // What follows from a trouble that was told is no news.
    if (this.#problem !== '' && !isRefused) return
    this.#problem = reason
    const { url, host, root, login, say } = this.#options
    const hint = isRefused ? ` ${needs(root, host, login.username ?? '')}` : ''
    say(
      'warn',
      `The hub at ${url} cannot be told of "${host}" (${reason}). What there is to tell is kept.${hint}`,
    )
  }
}

const LOST = 'the connection to it was lost'
const STOPPED = 'it was stopped'

function isOffline(payload: Buffer): boolean {
  try {
    return (JSON.parse(payload.toString()) as { readonly state?: unknown } | null)?.state === 'offline'
  } catch {
    return false
  }
}

/** The rights that an agent needs, as the users file of the hub gives them. */
export const needs = (root: string, host: string, user: string): string =>
  'It needs a user of the hub (VIGIE_USER, VIGIE_PASSWORD), and in the users file of the hub, under ' +
  `"permissions": { "users": ["${user || host}"], "publish": ["${root}/hosts/${host}/#"], ` +
  `"receive": ["${root}/hosts/${host}/#"] }`
