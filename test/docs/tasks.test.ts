// What docs/tasks.md shows is what works: its rules load and have the types that they say, and its Makefile
// is run.

import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { silentLog } from '../../src/base/log.ts'
import { createHttpServer } from '../../src/http/server.ts'
import type { HttpOptions } from '../../src/http/server.ts'
import type { task } from '../../src/index.ts'
import { taskOptions } from '../../src/cli/commands/run-task.ts'
import type { Publication } from '../../src/model/event.ts'
import { TASK_VERBS } from '../../src/model/task.ts'
import { simulate } from '../../src/testing.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'
import { runCommand } from '../support/terminal.ts'
import { itWith } from '../support/tools.ts'
import { OPEN } from '../http/open.ts'

vi.setConfig({ testTimeout: 60_000 })

const page = readFileSync(join(ROOT, 'docs', 'tasks.md'), 'utf8')
const block = (kind: string): string => new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\`$`, 'm').exec(page)![1]!

function written(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'rules', 'backup.ts'), block('ts'))
  return folder
}

test('its rules pass the check, types included', async () => {
  const { status, out } = await runCommand(['check', 'rules'], { cwd: written() })
  expect(out).toMatch(/^0 rules, 1 task, 0 errors, 0 warnings\.$/m)
  expect(status).toBe(0)
})

test('its backup is told of when it is well, and raises a critical alert when nobody starts it', async () => {
  const folder = written()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules', 'vigie'))
  const module = pathToFileURL(join(folder, 'rules', 'backup.ts')).href
  const { backup } = (await import(module)) as { backup: ReturnType<typeof task> }
  const hub = simulate(backup)
  await hub.publish('tasks/backup/start')
  await hub.advance('2s')
  await hub.publish('tasks/backup/ok')
  await hub.advance('2d')
  expect(hub.actions.filter(({ kind }) => kind === 'shell' || kind === 'alert')).toMatchObject([
    { kind: 'shell', argv: ['notify-send', '--', 'The backup took 2000 ms.'] },
    { kind: 'alert', key: 'task-backup', title: 'backup is overdue', severity: 'critical' },
  ])
})

test('it names every verb of a task and every option of the runner', () => {
  for (const verb of TASK_VERBS) expect(page).toContain(`\`${verb}\``)
  for (const { long } of taskOptions()) expect(page).toContain(`\`${long!}`)
})

itWith('make', 'curl')('its Makefile tells how the build went', async () => {
  const said: (readonly [topic: string, payload: string])[] = []
  const http = createHttpServer({
    ...OPEN,
    publish: async ({ topic, payload }: Publication) => said.push([topic, Buffer.from(payload).toString()]),
    log: silentLog,
  } as unknown as HttpOptions)
  onTestFinished(() => http.stop())
  const { port } = await http.listen({ host: '127.0.0.1', port: 0 })
  const folder = temporaryFolder()
  const make = promisify(execFile)
  const build = async (recipe: string) => {
    writeFileSync(join(folder, 'Makefile'), `${block('make')}\nall:\n\t@${recipe}\n`)
    return make('make', ['-s', `HUB=http://127.0.0.1:${port}/task/build`], { cwd: folder })
  }
  await build('echo compiled')
  await expect(build('echo wrong; exit 1')).rejects.toMatchObject({ code: 2 })
  expect(said).toEqual([
    ['tasks/build/start', ''],
    ['tasks/build/ok', 'compiled\n'],
    ['tasks/build/start', ''],
    ['tasks/build/fail', expect.stringContaining('wrong\n')],
  ])
})
