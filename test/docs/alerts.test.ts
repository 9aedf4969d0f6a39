// What docs/alerts.md shows is what works: its files load, and its test passes.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import type { Rule } from '../../src/index.ts'
import { simulate } from '../../src/testing.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'

const text = readFileSync(join(ROOT, 'docs', 'alerts.md'), 'utf8')

test('the example of the documentation tells what it says', async () => {
  const folder = temporaryFolder()
  for (const [, name = '', code = ''] of text.matchAll(/^```ts\n\/\/ (\S+)\n([^]*?)^```$/gm)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), code)
  }
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules', 'vigie'))
  symlinkSync(join(ROOT, 'node_modules', 'zod'), join(folder, 'node_modules', 'zod'))
  const load = (name: string): Promise<object> => import(pathToFileURL(join(folder, name)).href)
  const { default: config } = (await load('vigie.config.ts')) as { default: { alerts: object } }
  const { full } = (await load('rules/nas.ts')) as { full: Rule }
  expect(parseConfig(config, 'docs/alerts.md').alerts.routes).toHaveLength(2)

  const hub = simulate(full, { at: '2026-01-01T12:00:00Z', alerts: config.alerts })
  await hub.publish('nas/sda/free', 5)
  await hub.advance('1m')
  expect(hub.alerts).toMatchObject([{ key: 'nas/sda', state: 'pending' }])
  await hub.advance('6m')
  await hub.publish('nas/sda/free', 1)
  expect(hub.notifications).toHaveLength(2)
  await hub.advance('20m')
  expect(hub.notifications.map(({ channel, occasion }) => `${channel} ${occasion}`)).toEqual([
    'phone news',
    'phone news',
    'pager escalation',
  ])
  await hub.publish('nas/sda/free', 30)
  await hub.advance('10m')
  expect(hub.notifications.slice(3).map(({ channel, occasion }) => `${channel} ${occasion}`)).toEqual([
    'phone resolved',
    'pager resolved',
  ])
})
