import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../journal/fixtures.ts'

test('what a process has compiled until it is killed is kept, and what it begins keeps nothing there', () => {
  const folder = temporaryFolder()
  const module = new URL('../../src/base/compiled.ts', import.meta.url).href
  const program = `
    const { forgetFolder, keepCompiled } = await import(${JSON.stringify(module)})
    keepCompiled()
    forgetFolder()
    console.log(process.env.NODE_COMPILE_CACHE)
    process.kill(process.pid, 'SIGKILL')`
  const said = execFileSync(
    'sh',
    ['-c', '"$0" --input-type=module -e "$1" || true', process.execPath, program],
    { env: { ...process.env, NODE_COMPILE_CACHE: folder }, encoding: 'utf8' },
  )
  expect(said).toBe('undefined\n')
  expect(readdirSync(folder, { recursive: true }).length).toBeGreaterThan(1)
})
