// The published package: packed, installed in an empty folder, and run on a rule file that has no node_modules of its own.
//
// Covers `src/bin.js`, `src/base/package.ts`, `src/base/version.ts`.

import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { watchRuns } from '../support/runs.ts'
import { ROOT, startHubProcess, temporaryFolder } from '../support/hub.ts'

it('is clean for whoever imports it, and small', { timeout: 180_000 }, async () => {
  const { stdout } = await execa('npm', ['pack', '--dry-run', '--json'], { cwd: ROOT })
  const [{ unpackedSize, files } = { unpackedSize: Infinity, files: [] }] = JSON.parse(
    stdout.slice(stdout.indexOf('[')),
  ) as { unpackedSize: number; files: { path: string }[] }[]
  expect(unpackedSize).toBeLessThan(3_000_000)
  const names = files.map(({ path }) => path)
  for (const name of [
    'dist/index.d.ts',
    'dist/testing.d.ts',
    'dist/page/index.html',
    'dist/docs/index.html.gz',
  ])
    expect(names).toContain(name)
  // Paths, conditions and types of package.json, as publint looks at them; --strict: a warning is an error.
  await execa(join(ROOT, 'node_modules', '.bin', 'publint'), ['--strict', '--pack', 'false'], { cwd: ROOT })
})

it('works from its tarball, with TypeScript rules that import it by name', { timeout: 180_000 }, async () => {
  const packed = temporaryFolder()
  await execa('npm', ['pack', '--pack-destination', packed], { cwd: ROOT })
  const [tarball = ''] = readdirSync(packed)

  const app = temporaryFolder()
  writeFileSync(join(app, 'package.json'), '{ "private": true }')
  await execa('npm', ['install', '--prefer-offline', join(packed, tarball)], { cwd: app })
  const installed = join(app, 'node_modules', 'vigie', 'dist', 'bin.js')

  const elsewhere = temporaryFolder()
  const [rules, data] = [join(elsewhere, 'rules'), join(elsewhere, 'data')]
  mkdirSync(rules)
  writeFileSync(
    join(rules, 'hello.ts'),
    `import { rule, shell } from 'vigie'
import { z } from 'zod'
import { greeting } from './greeting'
export default rule('hello', {
  on: 'hello/+name',
  payload: z.object({ loud: z.boolean() }),
  do: ({ params, payload }) => [shell\`echo \${greeting} \${payload.loud ? params.name.toUpperCase() : params.name}\`],
})`,
  )
  writeFileSync(join(rules, 'greeting.ts'), `export const greeting: string = 'good morning'`)

  const hub = await startHubProcess(['--data', data, '--rules', rules], {}, installed)
  const { client, ended } = await watchRuns(hub.mqtt)
  await client.publishAsync('hello/vigie', JSON.stringify({ loud: true }), { qos: 1 })
  await ended('hello')
  expect((await hub.end('SIGTERM')).code).toBe(0)

  const { stdout } = await execa(process.execPath, [installed, 'runs', '--json', '--data', data])
  const runs = stdout.split('\n').map((line) => JSON.parse(line) as { state: string; steps: unknown[] })
  expect(runs).toMatchObject([
    {
      state: 'done',
      steps: [{ outcome: { kind: 'done', result: { exitCode: 0, stdout: 'good morning VIGIE\n' } } }],
    },
  ])

  // The types are those of the package, for an editor without a checkout.
  writeFileSync(
    join(app, 'check.ts'),
    `import { rule, shell } from 'vigie'
export default rule('typed', { on: 'a/+b', do: ({ params }) => [shell\`echo \${params.b satisfies string}\`] })
// @ts-expect-error there is no such capture
export const wrong = rule('wrong', { on: 'a/+b', do: ({ params }) => [shell\`echo \${params.c}\`] })`,
  )
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc')
  await execa(
    tsc,
    ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--skipLibCheck', 'check.ts'],
    { cwd: app },
  )

  // A new folder: what an editor, the type checker and a test import is the install, without a network.
  const house = join(temporaryFolder(), 'house')
  await execa(process.execPath, [installed, 'init', house], { cwd: app })
  await execa(process.execPath, [installed, 'check'], { cwd: house })
  // What "npm install" adds to it is in the checkout.
  symlinkSync(join(ROOT, 'node_modules', 'vitest'), join(house, 'node_modules', 'vitest'))
  await execa(tsc, ['-p', house])
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const tested = await execa(process.execPath, [vitest, 'run'], { cwd: house, env: { NO_COLOR: '1' } })
  expect(tested.stdout).toContain('Tests  2 passed')
  expect(readdirSync(house)).not.toContain('data')
})
