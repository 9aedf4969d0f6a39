import { expect, it } from 'vitest'
import { z } from 'zod'
import { matchers, matchOf } from '../../src/alerts/matchers.ts'

const schema = z.strictObject(matchers)

it('takes one severity or several, and leaves out what is not given', () => {
  expect(matchOf(schema.parse({ severity: 'critical' }))).toEqual({ severity: ['critical'] })
  expect(matchOf(schema.parse({ severity: ['info', 'warning'], key: 'nas/#', rule: undefined }))).toEqual({
    severity: ['info', 'warning'],
    key: 'nas/#',
  })
})

it.each([
  [{ key: 'a/#/b' }, 'key'],
  [{ topic: 'a+' }, 'topic'],
  [{ severity: [] }, 'severity'],
  [{ rule: 'r'.repeat(257) }, 'rule'],
  [{ labels: { '': 'x' } }, 'labels'],
  [
    { labels: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`l${n}`, ''])) },
    'must be 64 labels at most',
  ],
])('refuses %j', (given, said) => {
  expect(() => schema.parse(given)).toThrow(said)
})
