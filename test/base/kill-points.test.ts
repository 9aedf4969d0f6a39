import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const script = `
import { killPoint } from ${JSON.stringify(new URL('../../src/base/kill-points.ts', import.meta.url).href)}
for (let pass = 1; pass <= 3; pass++) {
  killPoint('plan')
  process.stdout.write(String(pass))
}`

const run = (killAt: string) =>
  spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, VIGIE_KILL_AT: killAt },
    encoding: 'utf8',
  })

test('a kill point that nobody names does nothing', () => {
  expect(run('')).toMatchObject({ signal: null, status: 0, stdout: '123' })
  expect(run('outcome')).toMatchObject({ signal: null, status: 0, stdout: '123' })
})

test('a named kill point ends the process at the pass that is asked for', () => {
  expect(run('plan')).toMatchObject({ signal: 'SIGKILL', stdout: '' })
  expect(run('plan:3')).toMatchObject({ signal: 'SIGKILL', stdout: '12' })
})
