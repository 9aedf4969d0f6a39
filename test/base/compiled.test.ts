import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compiledIn } from '../../src/base/compiled.ts'
import { temporaryFolder } from '../journal/fixtures.ts'

test('what a process has compiled by then is kept, and what it begins keeps nothing there', () => {
  const folder = temporaryFolder()
  const module = new URL('../../src/base/compiled.ts', import.meta.url).href
  const program = `
    const { forgetFolder, keepCompiled } = await import(${JSON.stringify(module)})
    keepCompiled()
    forgetFolder()
    console.log(process.env.NODE_COMPILE_CACHE)
    process.kill(process.pid, 'SIGKILL')`
  const run = (): string =>
    execFileSync('sh', ['-c', '"$0" --input-type=module -e "$1" || true', process.execPath, program], {
      env: compiledIn(folder),
      encoding: 'utf8',
    })
  expect(run()).toBe('undefined\n')
  expect(readdirSync(folder, { recursive: true }).length).toBeGreaterThan(1)
})

test('a folder that the user has named goes before', () => {
  process.env['NODE_COMPILE_CACHE'] = '/elsewhere'
  expect(compiledIn('/data/compiled')).toMatchObject({ NODE_COMPILE_CACHE: '/elsewhere' })
  delete process.env['NODE_COMPILE_CACHE']
})
