import { expect, test } from 'vitest'
import { Cancelled } from '../../src/actions/context.ts'
import { performOnHost } from '../../src/actions/on-host.ts'
import type { Attempt } from '../../src/actions/context.ts'
import type { HostAction } from '../../src/model/host.ts'
import { jsonIn } from '../../src/model/hub-message.ts'
import { desk, manner } from './attempt.ts'

const spec = { kind: 'shell', argv: ['sleep', '60'], host: 'nas', ...manner } as unknown as HostAction & {
  readonly host: string
}

/** Orders a command on a host that never answers, and ends the attempt once it is ordered. */
async function ended(reason: Error) {
  const ending = new AbortController()
  const orders: unknown[] = []
  const { context } = desk(
    { ending },
    {
      last: () => undefined,
      publish: async ({ topic, payload }) => {
        expect(topic).toBe('vigie/hosts/nas/orders')
        orders.push(jsonIn(payload))
        ending.abort(reason)
        return orders.length
      },
    },
  )
  const attempt = { ...context, signal: ending.signal } as Attempt
  return { outcome: await performOnHost(spec, attempt), orders }
}

test('the cancellation of a run reaches the agent, by the key of the step', async () => {
  const { outcome, orders } = await ended(new Cancelled('cancelled by hand'))
  expect(outcome).toMatchObject({ kind: 'retry' })
  const [order, cancel] = orders as [{ key: string }, object]
  expect(cancel).toEqual({
    kind: 'cancel',
    key: expect.any(String),
    cancels: order.key,
    reason: 'cancelled by hand',
  })
})

test('a hub that stops leaves an order to be answered to the next one', async () => {
  const { orders } = await ended(new Error('the hub is stopping'))
  expect(orders).toHaveLength(1)
})
