// A gateway with a broker, an event log in memory and a clock that stands still; and conversations in bytes.
//
//   > 07 04 04 01 00 3c 61     a sensor says
//   < 03 05 00                 the hub says
//   . 15s                      time goes by, and the hub says only what stands below
//   ! t/u 1 hello              somebody publishes on t/u at QoS 1; `!!` retains it
//
// A name before the sign tells sensors apart (`b> …`). What follows a `#` is a comment. `id` stands for the two
// octets of a message id that the hub has chosen: any in what the hub says, then the same in what a sensor does.

import { deepStrictEqual } from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { parseDuration } from '../../src/base/quantities.ts'
import type { Limits } from '../../src/broker/bounds/limits.ts'
import { type Broker, createBroker } from '../../src/broker/broker.ts'
import type { Door } from '../../src/model/access.ts'
import { Gateway } from '../../src/mqtt-sn/gateway/gateway.ts'
import type { SnSettings } from '../../src/mqtt-sn/settings.ts'
import { MemoryEventLog } from '../broker/memory-event-log.ts'

export const SETTINGS: SnSettings = {
  host: '127.0.0.1',
  port: 1884,
  gatewayId: 7,
  predefined: [
    { client: '*', topic: 'all/known', id: 1 },
    { client: 'a', topic: 'own/known', id: 2 },
  ],
  connectionless: true,
  retryAfter: 10_000,
  retries: 2,
  messageSize: 1_400,
  clients: 100,
  topicIds: 100,
  queueMessages: 3,
}

export interface WorldOptions {
  readonly settings?: Partial<SnSettings>
  readonly limits?: Partial<Limits>
  readonly door?: Door
  readonly eventLog?: MemoryEventLog
}

export class World {
  readonly clock = new ManualClock(1_700_000_000_000)
  readonly eventLog: MemoryEventLog
  readonly broker: Broker
  readonly gateway: Gateway
  /** What each sensor was sent, and has not been looked at. */
  readonly #sent = new Map<number, Buffer[]>()
  /** The octets for which `id` stands. */
  #id = '00 63'

  constructor({ settings, limits, door, eventLog = new MemoryEventLog() }: WorldOptions = {}) {
    this.eventLog = eventLog
    this.broker = createBroker({
      eventLog,
      retained: eventLog.retained(),
      sessionLog: eventLog.sessionLog,
      sessions: { sessions: [], shares: [], wills: [], lastNumber: 0 },
      diedAt: null,
      clockSets: [],
      clock: this.clock,
      log: silentLog,
      root: 'vigie',
      hiddenRoot: 'vigie',
      version: '0.0.0',
      limits,
      isRecorded: () => true,
    })
    this.gateway = new Gateway({
      clock: this.clock,
      log: silentLog,
      gate: this.broker.gate(door),
      settings: { ...SETTINGS, ...settings },
      port: 1884,
      send: (datagram, { port }) => this.#sentTo(port).push(datagram),
      random: () => 0,
    })
    onTestFinished(async () => {
      this.gateway.stop()
      await this.broker.stop()
    })
  }

  /** Lets the hub do all that it has to do now. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 6; turn++) await setImmediate()
  }

  /** @param port of the sensor, which tells it from others */
  says(bytes: Buffer, port = 1): void {
    this.gateway.receive(bytes, { address: '10.0.0.1', port })
  }

  /** What the sensor was sent since it was last asked, in hex. */
  heard(port = 1): string[] {
    return this.#sentTo(port)
      .splice(0)
      .map((datagram) => hex(datagram))
  }

  /** Holds a conversation, and finds that the hub says what it should and nothing else. */
  async talk(conversation: string): Promise<void> {
    const lines = conversation
      .split('\n')
      .map((line) => line.replace(/#.*/, '').trim())
      .filter((line) => line !== '')
    const said: string[] = []
    for (const [index, line] of lines.entries()) {
      const [, name = '', sign = '', rest = ''] = /^([a-z]*)(>|<|\.|!!?)\s*(.*)$/.exec(line) ?? []
      if (sign === '<') continue
      said.push(line)
      if (sign === '>') this.says(bytesOf(rest.replace('id', this.#id)), portOf(name))
      else if (sign === '.') this.clock.advance(parseDuration(rest))
      else await this.#publish(rest, sign === '!!')
      await this.settle()
      const expected = lines.slice(index + 1)
      for (const [port, datagrams] of this.#sent)
        for (const datagram of datagrams.splice(0)) {
          const answer = `${nameOf(port)}< ${hex(datagram)}`
          const found = idIn(answer, expected.shift() ?? '')
          this.#id = found ?? this.#id
          said.push(found === undefined ? answer : answer.replace(found, 'id'))
        }
    }
    deepStrictEqual(said, lines)
  }

  /** The states that presence told of a client, oldest first. */
  presence(client = 'a'): string[] {
    return this.eventLog.of(`vigie/clients/${client}`).map(({ payload }) => {
      const { state, reason } = JSON.parse(payload.toString()) as { state: string; reason: string | null }
      return reason === null ? state : `${state} (${reason})`
    })
  }

  /** What clients published, as `topic: payload`. */
  events(topic?: string): string[] {
    return this.eventLog.of(topic).map(({ topic: on, payload }) => `${on}: ${payload.toString()}`)
  }

  async #publish(text: string, retain: boolean): Promise<void> {
    const [, topic = '', qos = '', payload = ''] = /^(\S+) ([012]) ?(.*)$/.exec(text) ?? []
    await this.broker.publish({
      topic,
      payload: Buffer.from(payload),
      qos: Number(qos) as 0 | 1 | 2,
      retain,
      origin: 'hub',
      cause: null,
    })
  }

  #sentTo(port: number): Buffer[] {
    const sent = this.#sent.get(port) ?? []
    this.#sent.set(port, sent)
    return sent
  }
}

export const hex = (bytes: Buffer): string => bytes.toString('hex').replaceAll(/(?<=..)(?=(?:..)+$)/g, ' ')

const portOf = (name: string): number => (name === '' ? 1 : name.charCodeAt(0))
const nameOf = (port: number): string => (port === 1 ? '' : String.fromCharCode(port))

const bytesOf = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** The octets of the answer in the place of `id`; `undefined` if the two differ in anything else. */
function idIn(answer: string, expected: string): string | undefined {
  const at = expected.indexOf('id')
  const found = answer.slice(at, at + 5)
  return at !== -1 && expected.replace('id', found) === answer ? found : undefined
}
