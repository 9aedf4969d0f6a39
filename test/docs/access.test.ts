// What docs/access.md shows is what works: its users files, its configuration, its commands for tokens, and what it
// says that an administrator and a guest may do.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { compileRights } from '../../src/access/permissions.ts'
import { readTokens } from '../../src/access/tokens-file.ts'
import { parseUsersFile } from '../../src/access/users-file.ts'
import { loadSettings } from '../../src/cli/frame/settings.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'
import { runCommand } from '../support/terminal.ts'

const page = readFileSync(join(ROOT, 'docs', 'access.md'), 'utf8')
const blocks = (language: string): string[] =>
  Array.from(
    page.matchAll(new RegExp(`^ *\`\`\`${language}\\n([^]*?)^ *\`\`\`$`, 'gm')),
    ([, text = '']) => text,
  )

it('shows permissions that a users file takes, by which an administrator and a guest differ', () => {
  const files = blocks('json').map((text) => {
    const json = JSON.parse(text) as { permissions?: unknown }
    return parseUsersFile(JSON.stringify({ permissions: json.permissions ?? [json] }), 'users.json')
  })
  expect(files).toHaveLength(3)
  const rightsOf = (user: string) =>
    compileRights(files.at(-1)!.permissions, 'vigie', { user, client: '', local: false })!
  const [anna, guest] = [rightsOf('anna'), rightsOf('guest')]
  expect([anna.mayPublish('vigie/commands/runs/3/retry'), anna.maySubscribe('vigie/runs/#')]).toEqual([
    true,
    true,
  ])
  expect([guest.mayReceive('house/lamp'), guest.maySubscribe('vigie/alerts/#')]).toEqual([true, true])
  expect([
    guest.mayReceive('safe'),
    guest.maySubscribe('vigie/runs/#'),
    guest.mayPublish('house/lamp'),
  ]).toEqual([false, false, false])
})

it('shows settings that a configuration takes', async () => {
  const settings = blocks('ts').map((text) => /defineConfig\((\{[^]*\})\)/.exec(text)?.[1] ?? '')
  expect(settings).toHaveLength(2)
  for (const text of settings) {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'vigie.config.ts'), `export default ${text}\n`)
    await expect(loadSettings({}, folder)).resolves.toBeDefined()
  }
})

it('shows commands that make, list and remove tokens', async () => {
  const folder = temporaryFolder()
  const [commands = ''] = blocks('sh').filter((text) => text.startsWith('vigie token add'))
  const lines = commands.trim().split('\n')
  expect(lines).toHaveLength(4)
  for (const line of lines) {
    const argv = line.replace(' --user doorbell', '').split(' ').slice(1)
    expect(await runCommand(argv, { cwd: folder })).toMatchObject({ status: 0, error: '' })
  }
  expect(readTokens(join(folder, 'tokens.json')).tokens).toMatchObject({ doorbell: { scopes: ['publish'] } })
})
