// `vigie replay`: publishes recorded messages again, at the pace at which they came.

import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { InvalidArgumentError, Option } from 'commander'
import type { IClientPublishOptions } from 'mqtt'
import { messageOf, printable } from '../../base/printable.ts'
import { eventFromRecord } from '../../model/event-record.ts'
import type { Event } from '../../model/event.ts'
import { decodePublishProperties } from '../../mqtt/publish.ts'
import { topicFilterProblem } from '../../topics/names.ts'
import { topicMatches } from '../../topics/matches.ts'
import { type Command, type CommandInput, EXIT, UserError } from '../frame/command.ts'
import { CLIENT_HELP, clientOptions, connectTo } from '../frame/mqtt-client.ts'

/** The longest piece of a pause: the person may end the command in it. */
const LONGEST_PAUSE_MS = 2 ** 31 - 1

export const replay: Command = {
  options: [
    new Option('--speed <factor>', 'how many times as fast as it was; "max": without a pause')
      .default(1)
      .argParser(readSpeed),
    new Option('--filter <filter>', 'only topics that match this MQTT filter'),
    ...clientOptions(),
  ],
  help: `FILE is what "vigie export" wrote (jsonl). The messages are published anew, now: rules fire on them, and clients
receive them. What the hub itself said is left out, since the hub says it again. ${CLIENT_HELP}
Example: vigie replay monday.jsonl --speed 10 --hub mqtt://127.0.0.1:1884`,
  async run(input) {
    const { args, options, terminal } = input
    const path = resolve(terminal.cwd, args[0] ?? '')
    const filter = (options['filter'] as string | undefined) ?? '#'
    const problem = topicFilterProblem(filter)
    if (problem !== undefined) throw new UserError(`--filter: ${problem}`)
    const { published, omitted } = await publishAll(path, filter, input)
    const left = omitted === 0 ? '' : ` ${omitted.toLocaleString('en')} of the hub itself were left out.`
    terminal.out(`Published ${published.toLocaleString('en')} message${published === 1 ? '' : 's'}.${left}\n`)
    return EXIT.ok
  },
}

async function publishAll(
  path: string,
  filter: string,
  input: CommandInput,
): Promise<{ readonly published: number; readonly omitted: number }> {
  const speed = input.options['speed'] as number
  const interrupted = input.terminal.interrupted()
  const events = eventsIn(path)
  // A file that cannot be read is told before the hub is asked.
  let next = await events.next()
  const connection = await connectTo(input)
  const lost = connection.lost.then((sentence): never => {
    throw new UserError(sentence)
  })
  lost.catch(() => {})
  let [published, omitted] = [0, 0]
  let begun: { readonly at: number; readonly steady: number } | undefined
  try {
    for (; next.done !== true && !interrupted.aborted; next = await events.next()) {
      const event = next.value
      if (!topicMatches(filter, event.topic)) continue
      if (event.client === null && event.origin !== 'http') {
        omitted++
        continue
      }
      begun ??= { at: event.at, steady: performance.now() }
      await pauseUntil(begun.steady + (event.at - begun.at) / speed, interrupted)
      if (interrupted.aborted) break
      const sent = connection.client.publishAsync(event.topic, Buffer.from(event.payload), settingsOf(event))
      await Promise.race([sent, lost]).catch((error: unknown) => {
        if (error instanceof UserError) throw error
        throw new UserError(`The hub did not take event #${event.id}: ${printable(messageOf(error))}.`)
      })
      published++
    }
    return { published, omitted }
  } finally {
    await connection.end()
  }
}

async function* eventsIn(path: string): AsyncGenerator<Event, void> {
  let number = 0
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    number++
    if (line.trim() === '') continue
    try {
      yield eventFromRecord(line)
    } catch (error) {
      throw new UserError(`${path}, line ${number}: ${messageOf(error)}.`)
    }
  }
}

async function pauseUntil(steady: number, signal: AbortSignal): Promise<void> {
  for (
    let leftMs = steady - performance.now();
    leftMs > 0 && !signal.aborted;
    leftMs = steady - performance.now()
  )
    await setTimeout(Math.min(leftMs, LONGEST_PAUSE_MS), undefined, { signal }).catch(() => {})
}

function settingsOf({ qos, retain, properties }: Event): IClientPublishOptions {
  if (properties === null) return { qos, retain }
  const bytes = Buffer.from(properties)
  const found = decodePublishProperties(bytes, 0, bytes.length) ?? {}
  const { payloadFormatIndicator, userProperties, messageExpiryInterval, ...rest } = found
  const { contentType, responseTopic, correlationData } = rest
  return {
    qos,
    retain,
    properties: {
      ...(payloadFormatIndicator !== undefined && { payloadFormatIndicator: payloadFormatIndicator === 1 }),
      ...(messageExpiryInterval !== undefined && { messageExpiryInterval }),
      ...(contentType !== undefined && { contentType }),
      ...(responseTopic !== undefined && { responseTopic }),
      ...(correlationData !== undefined && { correlationData }),
      ...(userProperties !== undefined && { userProperties: byName(userProperties) }),
    },
  }
}

function byName(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const values: Record<string, string[]> = {}
  for (const [name, value] of pairs) (values[name] ??= []).push(value)
  return values
}

function readSpeed(text: string): number {
  const speed = text === 'max' ? Infinity : Number(text)
  if (speed > 0) return speed
  throw new InvalidArgumentError('It must be a number above 0, or "max".')
}
