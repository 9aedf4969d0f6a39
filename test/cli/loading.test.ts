// What a command loads is what its caller waits for: each loads only what it needs. How long that takes `node
// bench/commands.ts` tells.
//
// Covers `src/cli/frame/command.ts`, `src/cli/commands.ts`, `src/cli/main.ts`, `src/base/node-http.ts`.

import { spawn } from 'node:child_process'
import { execa } from 'execa'
import { mkdirSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, expect, it } from 'vitest'
import { longTest } from '../support/long-test.ts'
import { openBench } from '../journal/fixtures.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

/** Names each module on the standard error when it is loaded. */
const WITNESS = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  import { writeSync } from 'node:fs'
  registerHooks({ load(url, context, next) { writeSync(2, 'loads ' + url + '\\n'); return next(url, context) } })
`)}`

/** Files below `src` as they are, and the names of packages. */
async function loadedBy(...args: string[]): Promise<{ readonly own: string[]; readonly packages: string[] }> {
  const { stderr } = await execa(
    process.execPath,
    ['--import', WITNESS, join(ROOT, 'src', 'bin.js'), ...args],
    { cwd: folder, reject: false },
  )
  return named(stderr)
}

function named(stderr: string): { readonly own: string[]; readonly packages: string[] } {
  const files = [...stderr.matchAll(/^loads (file:.*)$/gm)].map(([, url]) =>
    relative(ROOT, fileURLToPath(url!)).split(sep).join('/'),
  )
  const names = files.flatMap((file) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [])
  return {
    own: files.filter((file) => file.startsWith('src/')),
    packages: [...new Set(names)].toSorted(),
  }
}

it.each([['--help'], ['--version'], ['help'], ['unknown-command']])(
  'loads no command for vigie %s',
  async (arg) => {
    const { own, packages } = await loadedBy(arg)
    expect(packages).toEqual(['commander'])
    expect(own.filter((file) => file.startsWith('src/cli/')).toSorted()).toEqual([
      'src/cli/commands.ts',
      'src/cli/frame/colors.ts',
      'src/cli/frame/command.ts',
      'src/cli/frame/failure.ts',
      'src/cli/frame/help.ts',
      'src/cli/frame/open-terminal.ts',
      'src/cli/main.ts',
    ])
  },
)

it('loads no schema, no log, no process and no file watcher to read the history', async () => {
  const data = join(folder, 'data')
  mkdirSync(data)
  openBench({ dataDir: data }).writer.close()
  for (const command of ['history', 'runs'])
    expect((await loadedBy(command)).packages).toEqual(['better-sqlite3', 'commander'])
})

it('loads neither a database nor a broker to look at rules', async () => {
  mkdirSync(join(folder, 'rules'))
  const { own, packages } = await loadedBy('check', '--no-types')
  // The configuration checks cron expressions and hours of the day with the calendar.
  expect(packages).toEqual(['commander', 'node-cron', 'suncalc', 'zod'])
  expect(own.filter((file) => /^src\/(?:broker|journal|http)\//.test(file))).toEqual([])
})

it('loads no package in the main thread of an engine process', async () => {
  const warden = join(ROOT, 'src', 'engine', 'contain', 'warden.ts')
  const child = spawn(process.execPath, ['--import', WITNESS, warden], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const said = text(child.stderr!)
  // The warden ends when the line to whoever began it is closed.
  ;(child.stdio[3] as Writable).end()
  const { own, packages } = named(await said)
  expect(own).toContain('src/engine/contain/user-thread.ts')
  expect(packages).toEqual([])
})

longTest('finds each file of the hub compiled when it starts for the second time', async () => {
  mkdirSync(join(folder, 'rules'))
  const start = async (): Promise<string> => {
    const hub = execa(
      process.execPath,
      [join(ROOT, 'src', 'bin.js'), 'start', '--mqtt', '0', '--http', '0'],
      {
        cwd: folder,
        env: { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' },
        reject: false,
      },
    )
    for await (const line of hub) if (line.includes('Ready')) hub.kill('SIGTERM')
    return (await hub).stderr
  }
  await start()
  const said = await start()
  expect(said.match(/reading cache from /g)?.length).toBeGreaterThan(500)
  const missed = [...said.matchAll(/ for \w+ file:(\S+?)\.\.\. no such file/g)].map(([, file]) => file)
  expect(missed).toEqual([])
})
