// What `vigie sub` and `vigie tail` share: subscribes, and hands on each message until enough have come, the time
// is over, the person ends it, or the hub does.

import type { IPublishPacket, IClientSubscribeOptions } from 'mqtt'
import { topicFilterProblem } from '../../topics/names.ts'
import { type CommandInput, UserError } from './command.ts'
import { connectTo } from './mqtt-client.ts'

export interface Received {
  readonly topic: string
  readonly payload: Buffer
  readonly packet: IPublishPacket
}

export interface Subscription {
  readonly filters: readonly string[]
  readonly qos: 0 | 1 | 2
  /** 0: retained messages are sent; 2: they are not. */
  readonly retainHandling: 0 | 2
  /** Called for each message; returns whether that was the last one wanted. */
  readonly take: (message: Received) => boolean
  readonly timeoutMs?: number
  /** Ends when nothing has come for so long. */
  readonly quietMs?: number
}

/** How a subscription ended by itself. */
export type SubscriptionEnd = 'enough' | 'timeout' | 'interrupted'

export async function subscribed(
  input: CommandInput,
  { filters, qos, retainHandling, take, timeoutMs, quietMs }: Subscription,
): Promise<SubscriptionEnd> {
  for (const filter of filters) {
    const problem = topicFilterProblem(filter)
    if (problem !== undefined) throw new UserError(problem)
  }
  const interrupted = input.terminal.interrupted()
  const connection = await connectTo(input)
  const { client, lost } = connection
  const { promise: ended, resolve: end } = Promise.withResolvers<SubscriptionEnd>()
  const endAfterMs = timeoutMs ?? quietMs
  const timer = endAfterMs === undefined ? undefined : setTimeout(() => end('timeout'), endAfterMs)
  const onInterrupt = (): void => end('interrupted')
  interrupted.addEventListener('abort', onInterrupt)
  if (interrupted.aborted) end('interrupted')
  let isOver = false
  client.on('message', (topic, payload, packet) => {
    if (isOver) return
    if (quietMs !== undefined) timer?.refresh()
    isOver = take({ topic, payload, packet })
    if (isOver) end('enough')
  })
  try {
    const options: IClientSubscribeOptions = { qos, rh: retainHandling }
    const granted = await client.subscribeAsync([...filters], options).catch((error: unknown) => {
      throw new UserError(`The hub refuses the subscription: ${(error as Error).message}.`)
    })
    const refused = granted.find((each) => each.qos >= 0x80)
    if (refused) throw new UserError(`The hub refuses the subscription to ${refused.topic}.`)
    return await Promise.race([
      ended,
      lost.then((sentence) => {
        throw new UserError(sentence)
      }),
    ])
  } finally {
    clearTimeout(timer)
    interrupted.removeEventListener('abort', onInterrupt)
    await connection.end()
  }
}
