// docs/channels.md shows one example of each kind of channel, and each of them is taken by its constructor.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import * as channels from '../../src/channels.ts'
import { openChannels } from '../../src/channels/open.ts'
import { PLACEHOLDERS } from '../../src/channels/template.ts'
import { isChannelSpec } from '../../src/model/channel.ts'
import type { ChannelSpec } from '../../src/model/channel.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'

const page = readFileSync(join(ROOT, 'docs', 'channels.md'), 'utf8')
const examples = Array.from(
  page.matchAll(/^### `(\w+)`\n\n```ts\n([^]*?)^```$/gm),
  ([, kind = '', code = '']) => ({ kind, code }),
)

/** Imports a file as a configuration outside of the checkout is imported. */
async function imported(code: string): Promise<unknown> {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules', 'vigie'))
  const file = join(folder, 'example.ts')
  writeFileSync(file, code)
  const module = (await import(pathToFileURL(file).href)) as { readonly default: unknown }
  return module.default
}

test('every kind has an example, a row of the table, and can be opened', () => {
  const kinds = Object.keys(channels)
  expect(kinds.length).toBeGreaterThan(20)
  expect(examples.map(({ kind }) => kind).toSorted()).toEqual(kinds.toSorted())
  for (const kind of kinds) {
    expect(page).toMatch(new RegExp(`^\\| \\[\`${kind}\`\\]\\(#${kind.toLowerCase()}\\) \\|`, 'm'))
    expect(openChannels({ one: { kind, settings: {} } }).get('one')).toMatchObject({ kind })
  }
})

test.each(examples)('the example of $kind is what its constructor takes', async ({ kind, code }) => {
  const head = `import { secret } from 'vigie'\nimport { ${kind} } from 'vigie/channels'\n`
  const example = (await imported(`${head}export default {\n${code}}\n`)) as Record<string, ChannelSpec>
  const [spec] = Object.values(example)
  expect(isChannelSpec(spec)).toBe(true)
  expect(spec).toMatchObject({ kind })
})

test('the first example names two channels', async () => {
  const [, code = ''] = /^```ts\n([^]*?)^```$/m.exec(page) ?? []
  const config = (await imported(code)) as { alerts: { channels: Record<string, ChannelSpec> } }
  const specs = Object.entries(config.alerts.channels)
  expect(specs.map(([name, { kind }]) => [name, kind])).toEqual([
    ['phone', 'ntfy'],
    ['post', 'mail'],
  ])
})

test('every placeholder is named', () => {
  expect(PLACEHOLDERS.filter((name) => !page.includes(`\`{${name}}\``))).toEqual([])
})
