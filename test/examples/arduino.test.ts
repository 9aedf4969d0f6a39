import { beforeEach, describe, expect, test } from 'vitest'
import * as thermometers from '../../examples/arduino/thermometers.ts'
import { simulate } from '../../src/testing.ts'
import type { Simulation } from '../../src/testing.ts'

let hub: Simulation
beforeEach(() => {
  hub = simulate(Object.values(thermometers))
})

const status = (payload: 'online' | 'offline'): Promise<number> =>
  hub.publish('thermometers/cellar/status', payload, { will: payload === 'offline', retain: true })
const reads = (celsius: number): Promise<number> => hub.publish('thermometers/cellar/celsius', celsius)
const presence = (reason: string): Promise<number> =>
  hub.publish('vigie/clients/thermometer-cellar', { state: 'offline', reason }, { retain: true })
/** What has become of the alerts, in order. */
const alerts = (): string[] =>
  hub.messages
    .filter(({ topic }) => topic.startsWith('vigie/alerts/'))
    .map(({ topic, payload }) => `${topic.slice(13)} ${(payload as { state: string }).state}`)

describe('a thermometer', () => {
  test('that is gone for two minutes is missed, and its return is told', async () => {
    await status('offline')
    await hub.advance('119s')
    expect(alerts()).toEqual([])
    await hub.advance('1s')
    await status('online')
    expect(alerts()).toEqual(['thermometer-cellar firing', 'thermometer-cellar resolved'])
  })

  test('that is back within two minutes is not missed', async () => {
    await status('offline')
    await hub.advance('1m')
    await status('online')
    await hub.advance('1h')
    expect(alerts()).toEqual([])
  })

  test('that comes and goes three times within an hour is unsteady; saying goodbye does not count', async () => {
    await presence('keepalive')
    await presence('clean')
    await hub.advance('50m')
    await presence('socket')
    expect(alerts()).toEqual([])
    await presence('keepalive')
    expect(alerts()).toEqual(['unsteady-thermometer-cellar firing'])
  })

  test('that says nothing, or nothing sensible, for five minutes is told of, until it speaks', async () => {
    await reads(21)
    await hub.advance('4m')
    await reads(-127)
    await hub.advance('1m')
    expect(alerts()).toEqual(['silent-cellar firing'])
    await reads(21)
    await reads(21)
    expect(alerts()).toEqual(['silent-cellar firing', 'silent-cellar resolved'])
  })

  test('is not blamed for the time in which the hub was down', async () => {
    await reads(21)
    await hub.restart({ down: '1h' })
    await hub.advance('4m')
    expect(alerts()).toEqual([])
    await hub.advance('1m')
    expect(alerts()).toEqual(['silent-cellar firing'])
  })

  test('that is too warm is told of once, until it was cool again', async () => {
    for (const celsius of [29, 31, 32, 29, 31, 27, 31]) await reads(celsius)
    expect(alerts()).toEqual(['warm-cellar firing', 'warm-cellar firing'])
  })
})
