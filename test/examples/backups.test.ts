// Backups: the rules in virtual time, and the line of the crontab with the script, run as cron runs them.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import * as backups from '../../examples/backups/backups.ts'
import { simulate } from '../../src/testing.ts'
import { ROOT, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { itWith } from '../support/tools.ts'

const EXAMPLE = join(ROOT, 'examples', 'backups')
const alertsOf = (hub: ReturnType<typeof simulate>): string[] =>
  hub.alerts.map(({ key, state, severity }) => `${key} ${state} ${severity}`)

test('a backup that fails, or is not started, is an alert until one goes well', async () => {
  const hub = simulate({ backup: backups.backup }, { at: '2026-03-02T03:00:00' })
  await hub.publish('tasks/backup/start')
  await hub.publish('tasks/backup/fail', '1')
  expect(alertsOf(hub)).toEqual(['task-backup firing critical'])
  await hub.publish('tasks/backup/start')
  await hub.publish('tasks/backup/ok')
  expect(alertsOf(hub)).toEqual(['task-backup resolved critical'])
  await hub.advance('25h')
  expect(alertsOf(hub)).toEqual(['task-backup resolved critical'])
  await hub.advance('2h')
  expect(alertsOf(hub)).toEqual(['task-backup firing critical'])
})

test('a backup that says that it went well, and wrote nothing, is an alert as well', async () => {
  const hub = simulate({ look: backups.look }, { at: '2026-03-02T03:00:00' })
  await hub.advance('1d')
  expect(alertsOf(hub)).toEqual(['backup-empty firing critical'])
  hub.answer('shell', { stdout: '/mnt/backup/2026-03-04T030000.tar.gz\n' })
  await hub.advance('1d')
  expect(alertsOf(hub)).toEqual(['backup-empty resolved critical'])
})

itWith('tar')('the script and its line in the crontab tell the hub how it went', async () => {
  const folder = temporaryFolder()
  const at = (name: string): string => join(folder, name)
  for (const name of ['source', 'target', 'empty']) mkdirSync(at(name))
  writeFileSync(join(at('source'), 'letter.txt'), 'dear anna')
  const hub = await startHubProcess(['--data', at('data'), '--rules', EXAMPLE])
  const [, , command = ''] =
    /^(?:\S+ ){5}( *)(vigie run .*)$/m.exec(readFileSync(join(EXAMPLE, 'crontab'), 'utf8')) ?? []
  const cron = (source: string) =>
    execa('sh', ['-c', command], {
      cwd: EXAMPLE,
      reject: false,
      env: {
        PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env['PATH']}`,
        NODE_OPTIONS: '',
        VIGIE_HUB: `mqtt://127.0.0.1:${hub.mqtt}`,
        SOURCE: at(source),
        TARGET: at('target'),
      },
    })
  const state = async () => {
    const answer = await fetch(`http://127.0.0.1:${hub.http}/api/topics?filter=vigie/tasks/backup`)
    return (await answer.text()).match(/"state\\?":\\?"(\w+)/)?.[1]
  }

  expect(await cron('source')).toMatchObject({ exitCode: 0 })
  const archives = readdirSync(at('target'))
  expect(archives).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\dT\d{6}\.tar\.gz$/)])
  const { stdout } = await execa('tar', ['-xzOf', join(at('target'), archives[0]!), './letter.txt'])
  expect(stdout).toBe('dear anna')
  expect(await state()).toBe('ok')

  expect((await cron('gone')).exitCode).not.toBe(0)
  expect(readdirSync(at('target'))).toEqual(archives)
  expect(await state()).toBe('failed')
})
