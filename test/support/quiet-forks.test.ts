import { execa } from 'execa'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { ROOT, temporaryFolder } from './hub.ts'

it('shows what children printed where a test fails or ends its process, and nothing of a file that passes', async () => {
  const root = temporaryFolder()
  mkdirSync(join(root, 'test'))
  const file = (name: string, end: string): void =>
    writeFileSync(
      join(root, 'test', `${name}.test.ts`),
      `import { execFileSync } from 'node:child_process'
import { expect, it } from ${JSON.stringify(import.meta.resolve('vitest'))}
it('has a child', () => {
  execFileSync('sh', ['-c', 'echo from the child of ${name} >&2'], { stdio: 'inherit' })
  ${end}
})`,
    )
  file('good', 'expect(1).toBe(1)')
  file('wrong', 'expect(1).toBe(2)')
  file('gone', `process.kill(process.pid, 'SIGKILL')`)
  const pool = pathToFileURL(join(ROOT, 'test/support/quiet-forks.ts')).href
  writeFileSync(
    join(root, 'vitest.config.ts'),
    `import { quietForks } from '${pool}'
export default { test: { pool: quietForks, experimental: { viteModuleRunner: false } } }`,
  )
  const { all, exitCode } = await execa(
    process.execPath,
    [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--root', root],
    { all: true, reject: false, env: { NO_COLOR: '1' } },
  )
  expect(exitCode).toBe(1)
  expect(all).toContain('1 failed | 1 passed')
  expect(all).not.toContain('child of good')
  expect(all).toContain('from the child of wrong\n')
  expect(all).toContain('from the child of gone\n')
})
