// Which topic each trigger reads, and which of its events it takes.
//
// Covers `src/rules/authoring/triggers/client.ts`, `src/rules/authoring/triggers/cron.ts`,
// `src/rules/authoring/triggers/ping.ts`, `src/rules/authoring/triggers/process.ts`,
// `src/rules/authoring/triggers/startup.ts`, `src/rules/authoring/triggers/sun.ts`,
// `src/rules/authoring/triggers/topic.ts`, `src/rules/authoring/triggers/will.ts`.

import { expect, it } from 'vitest'
import type { Json } from '../../../../src/model/json.ts'
import type { Origin } from '../../../../src/model/event.ts'
import { ping } from '../../../../src/rules/authoring/ping.ts'
import { client } from '../../../../src/rules/authoring/triggers/client.ts'
import { cron } from '../../../../src/rules/authoring/triggers/cron.ts'
import { down, up } from '../../../../src/rules/authoring/triggers/ping.ts'
import { processSeen } from '../../../../src/rules/authoring/triggers/process.ts'
import { startup } from '../../../../src/rules/authoring/triggers/startup.ts'
import { sun } from '../../../../src/rules/authoring/triggers/sun.ts'
import { topic } from '../../../../src/rules/authoring/triggers/topic.ts'
import { isTrigger, TRIGGER, type Trigger } from '../../../../src/rules/authoring/triggers/trigger.ts'
import { will } from '../../../../src/rules/authoring/triggers/will.ts'
import { inventedEvent } from '../../../../src/rules/explain/rehearse.ts'

const HOUR_MS = 3_600_000

const filterOf = (trigger: Trigger): string => trigger[TRIGGER].filter({ root: 'hub', rule: 'r', index: 0 })

/** Why a trigger does not take a message; `undefined` when it does. */
const refusal = (trigger: Trigger, payload: Json, origin: Origin = 'hub'): string | undefined => {
  const text = payload === '' ? '' : JSON.stringify(payload)
  return trigger[TRIGGER].refuses?.(inventedEvent('t', text, origin))?.reason
}

it.each([
  [topic('a/+b'), '"a/+b"', 'a/+b'],
  [will('a/+b'), 'will("a/+b")', 'a/+b'],
  [startup(), 'startup()', 'hub/hub/started'],
  [cron('0 7 * * *'), 'cron("0 7 * * *")', 'hub/cron/r/0'],
  [sun('sunset', { offset: '-30m' }), 'sun("sunset -30m")', 'hub/sun/r/0'],
  [client('cam-*', 'offline'), 'client("cam-*", "offline")', 'hub/clients/#id'],
  [down('nas'), 'down("nas")', 'hub/ping/nas'],
  [up('nas'), 'up("nas")', 'hub/ping/nas'],
  [processSeen('busy'), 'watch("busy")', 'hub/process/busy/+pid'],
] as const)('reads its topic under the root of the hub: %o', (trigger, text, filter) => {
  expect([(trigger as Trigger)[TRIGGER].text, filterOf(trigger as Trigger)]).toEqual([text, filter])
})

it('takes a last will, and no ordinary message', () => {
  expect(refusal(will('t'), '', 'will')).toBeUndefined()
  expect(refusal(will('t'), '', 'live')).toBe('the message is live; the rule waits for a last will')
})

it('takes a ping that goes down, and one that is up again after it was down', () => {
  const fell = { state: 'down', previous: 'up' }
  const rose = { state: 'up', previous: 'down' }
  expect([refusal(down('nas'), fell), refusal(up('nas'), rose)]).toEqual([undefined, undefined])
  expect(refusal(down('nas'), rose)).toBe('the ping is up; the rule waits for down')
  expect(refusal(up('nas'), fell)).toBe('the ping is down; the rule waits for up')
  expect(refusal(up('nas'), { state: 'up', previous: null })).toBe('the ping was not down before')
})

it('means a declared ping by its name, and knows which one it waits for', () => {
  const nas = ping('nas', { host: 'nas.local', every: '1m' })
  expect([filterOf(down(nas)), down(nas)[TRIGGER].ping]).toEqual(['hub/ping/nas', 'nas'])
  expect(down(nas)[TRIGGER].params?.({})).toEqual({ name: 'nas' })
})

it('takes the report of a process that is seen, and not that it is gone', () => {
  expect(refusal(processSeen('busy'), { pid: 4 })).toBeUndefined()
  expect(refusal(processSeen('busy'), '')).toBe('the process is no longer seen')
})

it('takes the presence of the clients that it means, in the state that it means', () => {
  const cameras = client('cam-*', 'offline')
  expect(refusal(cameras, { state: 'offline' })).toBeUndefined()
  expect(refusal(cameras, { state: 'online' })).toBe('the client is online; the rule waits for offline')
  expect(refusal(client('cam-*'), { state: 'online' })).toBeUndefined()
  expect(refusal(cameras, '')).toBe('the message is no presence')
  expect(cameras[TRIGGER].params?.({ id: 'cam-1' })).toEqual({ id: 'cam-1' })
  expect(cameras[TRIGGER].params?.({ id: 'nas' })).toBeUndefined()
  expect(client('a.c')[TRIGGER].params?.({ id: 'abc' })).toBeUndefined()
})

it('has a schedule, which catches up only where it is told to', () => {
  const daily = cron('0 7 * * *', { timezone: 'UTC' })[TRIGGER].schedule
  expect([daily?.expression, daily?.catchUp]).toEqual(['0 7 * * *', false])
  expect(daily?.open(undefined).next(0)).toBe(7 * HOUR_MS)
  expect(cron('0 7 * * *', { catchUp: true })[TRIGGER].schedule?.catchUp).toBe(true)
})

it('asks where it is for a time of the sun, its own place before that of the hub', () => {
  const noon = Date.UTC(2026, 2, 20, 12)
  const at = (trigger: Trigger, place?: { latitude: number; longitude: number }) =>
    trigger[TRIGGER].schedule?.open(place).next(noon) ?? Number.NaN
  const paris = { latitude: 48.86, longitude: 2.35 }
  const sunset = at(sun('sunset'), paris)
  expect(at(sun('sunset', { offset: '-30m' }), paris)).toBe(sunset - HOUR_MS / 2)
  expect(at(sun('sunset', { place: [48.86, 2.35] }), { latitude: 0, longitude: 90 })).toBe(sunset)
  expect(() => at(sun('sunset'))).toThrow(/place/)
  expect(() => at(sun('teatime' as 'sunset'), paris)).toThrow('got "teatime"')
})

it('is known to be a trigger, also by a second copy of the package', () => {
  expect([isTrigger(startup()), isTrigger({ [Symbol.for('vigie.trigger')]: {} }), isTrigger('t')]).toEqual([
    true,
    true,
    false,
  ])
})
