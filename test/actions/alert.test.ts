// Covers `src/actions/perform.ts`.

import { describe, expect, test } from 'vitest'
import { perform } from '../../src/actions/perform.ts'
import type { AlertSpec } from '../../src/model/action.ts'
import { desk, manner } from './attempt.ts'

const alert = (more: Partial<AlertSpec> = {}): AlertSpec => ({
  kind: 'alert',
  title: 'The door is open',
  body: 'for ten minutes',
  severity: 'warning',
  key: 'door/hall',
  labels: { room: 'hall' },
  parent: null,
  pendingMs: 0,
  resolve: false,
  ...manner,
  ...more,
})

describe('an alert', () => {
  test('that is larger than a packet of 16 MiB is not raised, and not tried again', async () => {
    const { context, published } = desk()
    expect(await perform(alert({ body: 'a'.repeat(16 * 2 ** 20) }), context)).toMatchObject({
      kind: 'give-up',
      reason: expect.stringMatching(
        /^nothing was published to vigie\/commands\/alerts\/door\/hall\/raise: .* 16 MiB/,
      ),
    })
    expect(published).toEqual([])
  })

  test('is raised by a command with its cause, and with a key that is the same over all attempts', async () => {
    const raised: string[] = []
    const { context, published } = desk(
      {},
      { alerts: { mayBeOpen: () => false, raising: (key) => raised.push(key) } },
    )
    expect(await perform(alert({ parent: 'house', pendingMs: 120_000 }), context)).toEqual({
      kind: 'done',
      result: { topic: 'vigie/alerts/door/hall', event: 101 },
    })
    await perform(alert(), { ...context, attempt: 2 })
    expect(published[0]).toMatchObject({
      topic: 'vigie/commands/alerts/door/hall/raise',
      retain: false,
      qos: 1,
      origin: 'hub',
      cause: { event: 7, run: 3, depth: 1 },
    })
    const [first, second] = published.map(({ payload }) => JSON.parse(String(payload)))
    expect(first).toEqual({
      title: 'The door is open',
      body: 'for ten minutes',
      severity: 'warning',
      labels: { room: 'hall' },
      parent: 'house',
      pending: '120000ms',
      rule: 'door-open',
      step: expect.any(String),
    })
    expect(second).toMatchObject({ step: first.step })
    expect(raised).toEqual(['door/hall', 'door/hall'])
  })

  test('is resolved by a command, unless it is certain that nothing is open', async () => {
    const { context, published } = desk()
    await perform(alert({ resolve: true, body: '' }), context)
    expect(published[0]?.topic).toBe('vigie/commands/alerts/door/hall/resolve')
    expect(JSON.parse(String(published[0]?.payload))).toEqual({
      title: 'The door is open',
      rule: 'door-open',
      step: expect.any(String),
    })
    const well = desk({}, { alerts: { mayBeOpen: () => false, raising: () => {} } })
    expect(await perform(alert({ resolve: true }), well.context)).toMatchObject({
      result: { wasOpen: false },
    })
    expect(well.published).toEqual([])
  })
})
