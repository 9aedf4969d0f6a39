// `vigie init`, as somebody begins with it: what it writes loads, fires, and passes its own test.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../src/cli/commands.ts'
import { ROOT, startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { forAllTests } from '../../support/lifetime.ts'
import { watchRuns } from '../../support/runs.ts'
import { type Printed, runCommand } from '../../support/terminal.ts'

// The test that the folder brings along runs here as well.
await import('../../../template/test/doors.test.ts')

describe('a new folder', () => {
  let above: string
  let house: string
  let printed: Printed
  beforeAll(
    forAllTests(async () => {
      above = temporaryFolder()
      house = join(above, 'my house')
      printed = await runCommand(['init', 'my house'], { cwd: above })
    }),
  )

  it('has settings, three rules, a test, and what an editor needs, each named with its purpose', () => {
    expect(printed).toMatchObject({ status: 0, error: '' })
    const files = readdirSync(house, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.startsWith('node_modules') && statSync(join(house, name)).isFile())
      .toSorted()
    expect(files).toEqual([
      '.gitignore',
      'package.json',
      'rules/doors.ts',
      'rules/freezer.ts',
      'rules/hello.ts',
      'test/doors.test.ts',
      'tsconfig.json',
      'vigie.config.ts',
    ])
    for (const file of files)
      expect(printed.out).toMatch(new RegExp(`^  ${file.replaceAll('.', String.raw`\.`)} +\\S`, 'm'))
    const long = printed.out.split('\n').filter((line) => line.length > 80 && !line.includes(above))
    expect(long).toEqual([])
  })

  it('links the packages that its files import to the running install, each with its types', () => {
    expect(readlinkSync(join(house, 'node_modules', 'vigie'))).toBe(ROOT.replace(/\/$/, ''))
    for (const name of ['zod', '@types/node'])
      expect(existsSync(join(house, 'node_modules', name, 'package.json'))).toBe(true)
  })

  it('is told the next three commands, which exist', () => {
    const next = printed.out.slice(printed.out.indexOf('Next:')).match(/vigie \w+/g)
    expect(next).toHaveLength(3)
    const known = COMMANDS.map(({ usage }) => `vigie ${usage.split(' ')[0]}`)
    expect(next!.filter((command) => !known.includes(command))).toEqual([])
    expect(printed.out).toContain("cd 'my house' && vigie start")
  })

  it('passes vigie check, types included', async () => {
    const { status, out } = await runCommand(['check'], { cwd: house })
    expect(out).toMatch(/^vigie\.config\.ts, 5 rules, 0 errors, 0 warnings\.\n$/m)
    expect(status).toBe(0)
  })

  it('starts, and its first rule fires', async () => {
    const hub = await startHubProcess(['--config', join(house, 'vigie.config.ts')])
    const { client, ended } = await watchRuns(hub.mqtt)
    await client.publishAsync('hello/you', 'good day', { qos: 1 })
    await ended('hello')
    const { out } = await runCommand(['runs'], { cwd: house })
    expect(out).toContain('echo you says: "good day": exit code 0')
  })

  it('stays as it is when the command is given again, but for what is missing', async () => {
    writeFileSync(join(house, 'rules', 'hello.ts'), '// mine')
    rmSync(join(house, 'tsconfig.json'))
    const again = await runCommand(['init'], { cwd: house })
    expect(again.status).toBe(0)
    expect(readFileSync(join(house, 'rules', 'hello.ts'), 'utf8')).toBe('// mine')
    expect(existsSync(join(house, 'tsconfig.json'))).toBe(true)
    expect(again.out).toMatch(
      /^Wrote into .*:\n  tsconfig\.json +\S[^\n]*\nLeft as they were: vigie\.config\.ts, /,
    )
    expect(again.out).not.toContain('Linked')
    expect(again.out).toMatch(/^ {2}vigie start/m)
  })

  it('has a link that leads nowhere made anew, as after an upgrade', async () => {
    const link = join(house, 'node_modules', 'zod')
    rmSync(link)
    symlinkSync('/nowhere/zod', link)
    expect((await runCommand(['init'], { cwd: house })).out).toContain('Linked into node_modules: zod.')
    expect(existsSync(link)).toBe(true)
  })
})

it('says which file or folder cannot be written', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'house'), '')
  expect(await runCommand(['init', 'house'], { cwd: folder })).toMatchObject({
    status: 1,
    error: expect.stringContaining(`${folder}/house/`),
  })
  mkdirSync(join(folder, 'other'))
  writeFileSync(join(folder, 'other', 'node_modules'), '')
  const { status, error } = await runCommand(['init', 'other'], { cwd: folder })
  expect(error).toMatch(/^vigie: .*node_modules\/vigie cannot be linked to .*: .*\.\n$/)
  expect(status).toBe(1)
})
