// A test of a rule: the real engine in virtual time. Run it with "npm test".

import { expect, test } from 'vitest'
import { simulate } from 'vigie/testing'
import * as doors from '../rules/doors.ts'

test('a door that stays open for ten minutes raises an alert, until it closes', async () => {
  const hub = simulate(doors)
  await hub.publish('doors/front', 'open')
  await hub.advance('9m')
  expect(hub.alerts).toEqual([])
  await hub.advance('1m')
  expect(hub.alerts).toMatchObject([{ key: 'door-front', state: 'firing' }])
  await hub.publish('doors/front', 'closed')
  expect(hub.alerts).toMatchObject([{ key: 'door-front', state: 'resolved' }])
})

test('a door that is closed in time raises none', async () => {
  const hub = simulate(doors)
  await hub.publish('doors/front', 'open')
  await hub.advance('9m')
  await hub.publish('doors/front', 'closed')
  await hub.advance('1h')
  expect(hub.alerts).toEqual([])
})
