// The pages that are made of code are what the code makes of them now: "npm run docs" writes them.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configSchema } from '../../src/config/config.ts'
import { cookbook } from '../../packages/site/cookbook.ts'
import { configurationReference, ruleReference } from '../../packages/site/reference.ts'
import { generated } from '../../packages/site/generated.ts'
import { ROOT } from '../support/hub.ts'

test.each(Object.entries(generated(ROOT)))('%s is as "npm run docs" writes it', (file, text) => {
  expect(readFileSync(join(ROOT, file), 'utf8')).toBe(text)
})

test('the cookbook has every recipe under its title', () => {
  const titles = cookbook(ROOT).match(/^## .+$/gm)
  expect(titles).toHaveLength(30)
  expect(new Set(titles).size).toBe(30)
})

test('the reference has what the rules import, with its comment and its options', () => {
  const text = ruleReference(ROOT)
  for (const name of ['alert', 'rule', 'shell', 'task', 'watch', 'simulate'])
    expect(text).toContain(`### \`${name}\``)
  expect(text).toContain('export function alert(options: AlertOptions): Action')
  expect(text).toContain('What makes alerts one alert, and names its topic')
})

test('the reference has every key of the configuration, with type, default and comment', () => {
  const text = configurationReference(ROOT, configSchema)
  for (const row of [
    "| `durability` | `'full'` \\| `'normal'` | `'full'` | `full` survives a power cut",
    "| `history.keep` | length of time | `'30d'` |",
    '| `bridges.*.topics[].direction` |',
    '| `alerts.routes[].remind` | length of time |  | Tells again while it fires. |',
    '| `listeners[].cert` | text |',
  ])
    expect(text).toContain(row)
  for (const key of Object.keys(configSchema.shape)) expect(text).toContain(`| \`${key}\` |`)
})
