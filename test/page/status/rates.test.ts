import { expect, it } from 'vitest'
import type { HubStatus } from '../../../src/model/hub-status.ts'
import { ratesBetween, sampleOf } from '../../../src/page/status/rates.ts'

const sample = (at: number, received: number, startedAt = 0) =>
  sampleOf(
    { startedAt, broker: { publishesReceived: received, publishesSent: 2 * received } } as HubStatus,
    at,
  )

it('tells the rates between two answers', () => {
  expect(ratesBetween(sample(1_000, 100), sample(6_000, 150))).toEqual({ received: 10, sent: 20 })
})

it('tells those since the start with the first answer', () => {
  expect(ratesBetween(null, sample(20_000, 100, 10_000))).toEqual({ received: 10, sent: 20 })
})

it('begins anew with a hub that has started anew, and counts from 0', () => {
  expect(ratesBetween(sample(1_000, 5_000), sample(12_000, 20, 10_000))).toEqual({ received: 10, sent: 20 })
})
