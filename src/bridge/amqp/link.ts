// One connection to an AMQP 0-9-1 broker, by the optional package amqplib: a channel with confirms for what
// goes out, one for what comes in. Whatever goes wrong with either ends the connection, once.

import type { Channel, ChannelModel, ConfirmChannel, ConsumeMessage, Options } from 'amqplib'
import { messageOf } from '../../base/printable.ts'
import { readTls } from '../../http-client/tls.ts'
import type { LinkTls } from '../settings.ts'

const PEER = 'amqplib@2'
const CONNECT_MS = 10_000

/** Why there is no connection: the rest of a sentence that begins with the address. */
class AmqpError extends Error {}

export interface AmqpLinkOptions {
  readonly address: string
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: LinkTls | undefined
  /** Milliseconds; 0 turns it off. */
  readonly keepAlive: number
  /** Messages of queues that may be unacknowledged. */
  readonly window: number
  readonly queues: readonly string[]
  readonly exchanges: readonly string[]
  readonly received: (queue: string, message: ConsumeMessage) => void
  /** The broker had no queue for a message: called before its confirm. */
  readonly returned: (messageId: string) => void
  /** There is room in the socket again. */
  readonly room: () => void
  /** The connection is gone. Called once. `why` is the rest of a sentence that begins with the address. */
  readonly ended: (why: string) => void
}

export class AmqpLink {
  readonly #connection: ChannelModel
  readonly #out: ConfirmChannel
  readonly #in: Channel
  readonly #ended: (why: string) => void
  #why = 'it closed the connection'
  #isOpen = true
  #hasRoom = true
  #isBlocked = false

  constructor(
    connection: ChannelModel,
    out: ConfirmChannel,
    incoming: Channel,
    { ended, returned, room }: AmqpLinkOptions,
  ) {
    this.#connection = connection
    this.#out = out
    this.#in = incoming
    this.#ended = ended
    for (const emitter of [connection, out, incoming]) {
      emitter.on('error', (error: Error) => {
        this.#why = reasonOf(error)
      })
      // The broker closes a channel where it does not take what was asked: the connection begins anew.
      emitter.on('close', () => this.#end())
    }
    out.on('return', ({ properties }) => returned(String(properties.messageId)))
    out.on('drain', () => {
      this.#hasRoom = true
      room()
    })
    // [RabbitMQ, connection.blocked]: it is out of memory or disk.
    connection.on('blocked', () => {
      this.#isBlocked = true
    })
    connection.on('unblocked', () => {
      this.#isBlocked = false
      room()
    })
  }

  get hasRoom(): boolean {
    return this.#isOpen && this.#hasRoom && !this.#isBlocked
  }

  /** Publishes; `confirmed` is called when the broker has the message, or with an error when it refuses it. */
  publish(
    exchange: string,
    key: string,
    content: Buffer,
    options: Options.Publish,
    confirmed: (error: unknown) => void,
  ): void {
    this.#hasRoom = this.#out.publish(exchange, key, content, options, (error: unknown) => {
      if (this.#isOpen) confirmed(error)
    })
  }

  acknowledge(message: ConsumeMessage): void {
    if (this.#isOpen) this.#in.ack(message)
  }

  /** The message goes to the dead letters of its queue, if that has any. */
  refuse(message: ConsumeMessage): void {
    if (this.#isOpen) this.#in.nack(message, false, false)
  }

  async close(): Promise<void> {
    this.#why = 'the connection was closed here'
    if (!this.#isOpen) return
    await this.#connection.close().catch(() => {})
    this.#end()
  }

  cut(why: string): void {
    this.#why = why
    void this.#connection.close().catch(() => {})
    this.#end()
  }

  #end(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    void this.#connection.close().catch(() => {})
    this.#ended(this.#why)
  }
}

/**
 * Connects, and consumes when `begin` has the link. Exchanges and queues must be there already: whoever uses them declares them.
 * @throws AmqpError
 */
export async function openAmqp(options: AmqpLinkOptions, begin: (link: AmqpLink) => void): Promise<void> {
  const amqplib = await loadPeer()
  const connection = await amqplib.connect(...addressOf(options)).catch(failed)
  // An error that nobody hears would end the process.
  connection.on('error', () => {})
  try {
    const [out, incoming] = [await connection.createConfirmChannel(), await connection.createChannel()]
    for (const channel of [out, incoming]) channel.on('error', () => {})
    for (const exchange of options.exchanges) if (exchange !== '') await out.checkExchange(exchange)
    for (const queue of options.queues) await incoming.checkQueue(queue)
    await incoming.prefetch(options.window)
    const link = new AmqpLink(connection, out, incoming, options)
    begin(link)
    await consume(link, incoming, options)
  } catch (error) {
    await connection.close().catch(() => {})
    failed(error)
  }
}

/** From here on the link tells what goes wrong. */
async function consume(link: AmqpLink, channel: Channel, options: AmqpLinkOptions): Promise<void> {
  try {
    for (const queue of options.queues)
      await channel.consume(queue, (message) => {
        if (message === null) link.cut(`it deleted the queue "${queue}"`)
        else options.received(queue, message)
      })
  } catch (error) {
    link.cut(reasonOf(error))
  }
}

async function loadPeer(): Promise<typeof import('amqplib')> {
  try {
    return await import('amqplib')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new AmqpError(`the package ${PEER} is not installed: run "npm install ${PEER}" where vigie is`)
  }
}

function addressOf({ address, user, password, tls, keepAlive }: AmqpLinkOptions): [Options.Connect, object] {
  const url = new URL(address)
  const vhost = url.pathname.length > 1 ? decodeURIComponent(url.pathname.slice(1)) : '/'
  return [
    {
      protocol: url.protocol.slice(0, -1),
      hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      ...(url.port !== '' && { port: Number(url.port) }),
      vhost,
      username: user ?? 'guest',
      password: password ?? 'guest',
      heartbeat: Math.ceil(keepAlive / 1_000),
    },
    { timeout: CONNECT_MS, noDelay: true, ...(url.protocol === 'amqps:' && tlsOptions(tls)) },
  ]
}

function tlsOptions(tls: LinkTls | undefined) {
  const { ca, cert, key, verify = true } = tls ?? {}
  const files = readTls({
    ...(ca !== undefined && { caFile: ca }),
    ...(cert !== undefined && { certFile: cert }),
    ...(key !== undefined && { keyFile: key }),
  })
  return { ...files, rejectUnauthorized: verify }
}

const failed = (error: unknown): never => {
  throw error instanceof AmqpError ? error : new AmqpError(reasonOf(error), { cause: error })
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it closed the connection',
  EHOSTUNREACH: 'there is no way to it',
  ENOTFOUND: 'the name is not known',
}

function reasonOf(error: unknown): string {
  const words = WORDS[(error as NodeJS.ErrnoException).code ?? '']
  if (words !== undefined) return words
  const text = messageOf(error)
  // "Operation failed: QueueDeclare; 404 (NOT-FOUND) with message "NOT_FOUND - no queue 'x' in vhost '/'""
  return /with message "(.*)"$/s.exec(text)?.[1] ?? text
}
