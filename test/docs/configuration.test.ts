// docs/configuration.md names every setting, docs/limits.md every limit, and what the first shows is a configuration.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { limitsSchema } from '../../src/config/limits.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'

const read = (name: string): string => readFileSync(join(ROOT, 'docs', name), 'utf8')
const page = read('configuration.md')
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

test('every setting that has a default is named on the page', () => {
  // How a listener, `mqtt` or `http` is set up is told by docs/listeners.md, a limit by docs/limits.md.
  const { http: _http, listeners: _listeners, limits: _limits, ...settings } = parseConfig({}, 'the defaults')
  const names = Object.entries(settings).flatMap(([name, value]) =>
    isObject(value) ? Object.keys(value) : [name],
  )
  expect(names.length).toBeGreaterThan(10)
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})

test('every limit is named on the page about limits', () => {
  const limits = read('limits.md')
  const names = Object.keys(limitsSchema.in.shape)
  expect(names.length).toBeGreaterThan(10)
  expect(names.filter((name) => !limits.includes(`\`${name}\``))).toEqual([])
})

test('its example is a configuration', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules', 'vigie'))
  const file = join(folder, 'vigie.config.ts')
  writeFileSync(file, /^```ts\n([^]*?)^```$/m.exec(page)?.[1] ?? '')
  const { default: example } = (await import(pathToFileURL(file).href)) as { default: unknown }
  expect(parseConfig(example, file)).toMatchObject({
    place: { latitude: 48.86 },
    history: { exclude: ['debug/#'] },
  })
})
