// `vigie pub`: publishes a message, or one for each line of the standard input; with --wait it tells what the
// rules did because of it.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Option } from 'commander'
import type { IClientPublishOptions } from 'mqtt'
import { messageOf, printable } from '../../base/printable.ts'
import { parseDuration } from '../../base/quantities.ts'
import { topicNameProblem } from '../../topics/names.ts'
import { type Command, type CommandInput, EXIT, type Terminal, UserError } from '../frame/command.ts'
import { CLIENT_HELP, clientOptions, connectTo } from '../frame/mqtt-client.ts'
import { tokenOption } from '../frame/hub-address.ts'
import { qosOption } from '../frame/options.ts'
import { publishAndWait } from './pub-wait.ts'

/** How many messages may be under way before the next line is read. */
const UNDER_WAY = 100

export const pub: Command = {
  options: [
    qosOption(),
    new Option('-r, --retain', 'retain the message; an empty one clears what is retained'),
    new Option('--stdin', 'the payload is the standard input').conflicts(['file', 'lines']),
    new Option('--lines', 'each line of the standard input is a message').conflicts('file'),
    new Option('--file <file>', 'the payload is this file'),
    new Option('--expiry <length>', 'how long it is delivered to clients that are away: 90s, 2h'),
    new Option('--content-type <type>', 'such as application/json'),
    new Option('--response-topic <topic>', 'where an answer is to be published'),
    new Option('--correlation <text>', 'what an answer is to carry'),
    new Option('--user-property <name=value>', 'may be given more than once')
      .default([])
      .argParser((text: string, before: readonly string[]) => [...before, text]),
    new Option(
      '--wait <length>',
      'wait this long for the runs that it causes, at most 5m: over HTTP',
    ).conflicts('lines'),
    new Option('--json', 'with --wait: print the answer of the hub'),
    tokenOption(),
    ...clientOptions(),
  ],
  help: `At QoS 1 and 2 it ends when the hub has acknowledged, and so kept, the message. ${CLIENT_HELP}
With --wait it publishes over HTTP, prints the runs that the rules made of the message at once, and fails when one of them
has failed or the time is over; they go on in any case. --hub is then an http:// address, and --token is for that.
Examples:
  vigie pub house/door open --retain
  vigie pub printer/job --file job.pdf --content-type application/pdf
  sensors | vigie pub sensors/raw --lines
  vigie pub shop/orders --file order.json --wait 30s`,
  async run(input) {
    const { args, options } = input
    const [topic = '', payload] = args
    const problem = topicNameProblem(topic)
    if (problem !== undefined) throw new UserError(problem)
    refuseTwoPayloads(payload, options)
    const settings = publishSettings(options)
    const payloads = payloadsOf(payload, input)
    if (options['wait'] !== undefined) return publishAndWait(topic, await oneOf(payloads), input)
    const connection = await connectTo(input)
    const lost = connection.lost.then((sentence): never => {
      throw new UserError(sentence)
    })
    // Whoever publishes last may have ended before the connection is lost.
    lost.catch(() => {})
    try {
      const publish = async (each: Buffer): Promise<void> => {
        const sent = connection.client.publishAsync(topic, each, settings).catch((error: unknown) => {
          throw new UserError(`The hub did not take the message: ${printable(messageOf(error))}.`)
        })
        await Promise.race([sent, lost])
      }
      await publishAll(payloads, publish)
    } finally {
      await connection.end()
    }
    return EXIT.ok
  },
}

async function publishAll(
  payloads: AsyncIterable<Buffer> | Iterable<Buffer>,
  publish: (payload: Buffer) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>()
  for await (const payload of payloads) {
    const sent = publish(payload).finally(() => underWay.delete(sent))
    underWay.add(sent)
    if (underWay.size >= UNDER_WAY) await Promise.race(underWay)
  }
  await Promise.all(underWay)
}

function refuseTwoPayloads(payload: string | undefined, options: CommandInput['options']): void {
  const other = ['stdin', 'lines', 'file'].find((name) => options[name] !== undefined)
  if (payload !== undefined && other !== undefined)
    throw new UserError(`The payload is given twice: as ${JSON.stringify(payload)} and by --${other}.`)
}

function payloadsOf(
  payload: string | undefined,
  { options, terminal }: CommandInput,
): AsyncIterable<Buffer> | Iterable<Buffer> {
  if (options['lines'] === true) return linesOf(terminal)
  if (options['stdin'] === true) return wholeOf(terminal)
  if (typeof options['file'] === 'string') return [readFileSync(resolve(terminal.cwd, options['file']))]
  return [Buffer.from(payload ?? '')]
}

/** The payload of what is no list of lines. */
async function oneOf(payloads: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const payload of payloads) chunks.push(payload)
  return Buffer.concat(chunks)
}

async function* linesOf({ input }: Terminal): AsyncGenerator<Buffer, void> {
  for await (const line of createInterface({ input: input(), crlfDelay: Infinity })) yield Buffer.from(line)
}

async function* wholeOf({ input }: Terminal): AsyncGenerator<Buffer, void> {
  const chunks: Buffer[] = []
  for await (const chunk of input()) chunks.push(Buffer.from(chunk))
  yield Buffer.concat(chunks)
}

function publishSettings(options: CommandInput['options']): IClientPublishOptions {
  const { expiry, contentType, responseTopic, correlation, userProperty } = options
  return {
    qos: options['qos'] as 0 | 1 | 2,
    retain: options['retain'] === true,
    properties: {
      ...(typeof expiry === 'string' && { messageExpiryInterval: secondsIn(expiry) }),
      ...(typeof contentType === 'string' && { contentType }),
      ...(typeof responseTopic === 'string' && { responseTopic }),
      ...(typeof correlation === 'string' && { correlationData: Buffer.from(correlation) }),
      ...userProperties(userProperty as readonly string[]),
    },
  }
}

function secondsIn(text: string): number {
  try {
    return Math.ceil(parseDuration(text) / 1_000)
  } catch (error) {
    throw new UserError(`--expiry: ${messageOf(error)}`)
  }
}

function userProperties(pairs: readonly string[]) {
  const byName: Record<string, string[]> = {}
  for (const pair of pairs) {
    const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
    if (name === undefined)
      throw new UserError(`--user-property: ${JSON.stringify(pair)} is to be NAME=VALUE, such as room=hall.`)
    ;(byName[name] ??= []).push(value)
  }
  return pairs.length > 0 ? { userProperties: byName } : {}
}
