import { expect, it } from 'vitest'
import { parseJsonCondition } from '../../src/model/json-condition.ts'

const READING = { battery: 12, state: { name: 'open' }, list: [{ unit: 'C' }], 'a key': null, 'x-y': true }

it.each([
  '$',
  '$.battery',
  'battery',
  '$.battery < 20',
  'battery<=12',
  'battery >= 12',
  'battery > 11.5',
  'battery=12',
  'battery == 12',
  'battery != 13',
  'state.name = open',
  'state.name = "open"',
  'state.name > a',
  'state = {"name":"open"}',
  'list[0].unit = C',
  '$["a key"] = null',
  '["a key"]',
  '$.x-y = true',
])('holds for %s', (text) => {
  expect(parseJsonCondition(text)(READING)).toBe(true)
})

it.each([
  'volts',
  'battery.deep',
  'battery < 12',
  'battery > a',
  'battery = "12"',
  'battery != 12',
  'volts != 1',
  'state.name = shut',
  'state > 1',
  'list[1]',
  'list.length',
  'constructor',
  '["a key"] != null',
])('does not hold for %s', (text) => {
  expect(parseJsonCondition(text)(READING)).toBe(false)
})

it.each(['', '  ', 'a b', 'battery <', '= 3', 'a..b', 'list[x]', '$ . a', '["open]'])(
  'refuses %j with what would be right',
  (text) => {
    expect(() => parseJsonCondition(text)).toThrow(
      /is no condition on JSON; write a path such as \$\.battery/,
    )
  },
)
