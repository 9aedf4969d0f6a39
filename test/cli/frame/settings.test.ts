import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dataFolder, loadSettings } from '../../../src/cli/frame/settings.ts'
import { temporaryFolder } from '../../support/hub.ts'

describe('the configuration file', () => {
  let machine: string
  let here: string
  const before = process.env['VIGIE_CONFIG']

  beforeEach(() => {
    machine = temporaryFolder()
    here = temporaryFolder()
    writeFileSync(join(machine, 'vigie.config.ts'), `export default { root: 'of-machine', data: 'kept' }`)
    process.env['VIGIE_CONFIG'] = join(machine, 'vigie.config.ts')
  })

  afterEach(() => {
    if (before === undefined) delete process.env['VIGIE_CONFIG']
    else process.env['VIGIE_CONFIG'] = before
  })

  it('is the one of the machine where this folder has none', async () => {
    expect(await loadSettings({}, here)).toMatchObject({ root: 'of-machine', data: join(machine, 'kept') })
    expect(await dataFolder({}, here)).toBe(join(machine, 'kept'))
    expect(await dataFolder({ data: 'mine' }, here)).toBe(join(here, 'mine'))
  })

  it('is the one of this folder before the one of the machine, and a named one before both', async () => {
    writeFileSync(join(here, 'vigie.config.ts'), `export default { root: 'of-folder' }`)
    expect((await loadSettings({}, here)).root).toBe('of-folder')
    mkdirSync(join(here, 'other'))
    writeFileSync(join(here, 'other', 'a.ts'), `export default { root: 'named' }`)
    expect((await loadSettings({ config: 'other/a.ts' }, here)).root).toBe('named')
  })

  it('must be there where VIGIE_CONFIG names it', async () => {
    process.env['VIGIE_CONFIG'] = join(machine, 'gone.ts')
    await expect(loadSettings({}, here)).rejects.toThrow(
      /There is no configuration file .*gone\.ts, which VIGIE_CONFIG/,
    )
  })
})
