// docs/bridges.md: its examples are configurations, and it names every option.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { BRIDGE_STATES } from '../../src/model/bridge.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'

const page = readFileSync(join(ROOT, 'docs', 'bridges.md'), 'utf8')
const examples = Array.from(page.matchAll(/^```ts\n([^]*?)^```$/gm), ([, text]) => text ?? '')

async function configOf(text: string): Promise<unknown> {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules', 'vigie'))
  const file = join(folder, 'vigie.config.ts')
  writeFileSync(file, text)
  return ((await import(pathToFileURL(file).href)) as { default: unknown }).default
}

test('its examples are configurations', async () => {
  const [whole, amqp, attach] = examples
  const { bridges } = parseConfig(await configOf(whole ?? ''), 'the page')
  expect(bridges['cloud']).toMatchObject({ user: 'site-7', topics: [{ to: 'site-7/' }, { direction: 'in' }] })
  const { jobs } = parseConfig(await configOf(amqp ?? ''), 'the page').bridges
  expect(jobs).toMatchObject({ type: 'amqp', out: [{ exchange: 'work' }], in: [{ queue: 'results' }] })
  const attached = parseConfig(await configOf(`export default { ${attach ?? ''} }`), 'the page').attach
  expect(attached).toMatchObject({ group: 'vigie' })
})

test('every option and every state is on the page', () => {
  const { bridges, attach } = parseConfig(
    {
      bridges: {
        x: { url: 'mqtt://x', topics: [{}] },
        jobs: {
          type: 'amqp',
          url: 'amqp://x',
          out: [{ exchange: 'e', key: 'k' }],
          in: [{ queue: 'q', topic: 't' }],
        },
      },
      attach: { url: 'mqtt://x', group: 'g', filters: ['a'] },
    },
    'x',
  )
  const { x, jobs } = bridges
  const topic = x !== undefined && 'topics' in x ? x.topics[0] : undefined
  const ways = jobs?.type === 'amqp' ? [jobs.out[0], jobs.in[0]] : []
  const names = [x, topic, jobs, ...ways, attach].flatMap((each) => Object.keys(each ?? {}))
  expect(names.length).toBeGreaterThan(20)
  const others = ['topics', 'password', 'clientId', 'status', 'onDemand', 'tls', ...BRIDGE_STATES]
  expect([...names, ...others].filter((name) => !page.includes(`\`${name}\``) && name !== 'topics')).toEqual(
    [],
  )
})
