// Covers `src/rules/authoring/triggers/task.ts`.

import { expect, it } from 'vitest'
import { task } from '../../../src/rules/authoring/task.ts'
import type { Simulation } from '../../../src/testing.ts'
import { simulate } from '../../../src/testing.ts'

const backup = task('backup', { every: '1d', grace: '1h', longest: '2h' })

/** What is retained of the task, state by state. */
const states = (hub: Simulation) =>
  hub.messages
    .filter(({ topic, retain }) => topic === 'vigie/tasks/backup' && retain)
    .map(({ payload }) => (payload as { state: string }).state)

const alerts = (hub: Simulation) =>
  hub.actions.flatMap((action) =>
    action.kind === 'alert' ? [`${action.resolve ? 'resolve' : 'raise'}: ${action.title}`] : [],
  )

it('follows a task from its declaration on, and retains each state', async () => {
  const hub = simulate(backup)
  await hub.publish('tasks/backup/start')
  await hub.advance('10m')
  await hub.publish('tasks/backup/ok', 'copied 3 files')
  expect(states(hub)).toEqual(['unknown', 'running', 'ok'])
  expect(hub.messages.findLast(({ topic }) => topic === 'vigie/tasks/backup')?.payload).toEqual({
    name: 'backup',
    state: 'ok',
    since: '2026-01-01T00:10:00.000Z',
    reason: '',
    host: null,
    began: '2026-01-01T00:00:00.000Z',
    durationMs: 600_000,
    exitCode: null,
    usualMs: null,
    longestMs: 7_200_000,
    expected: '2026-01-02T00:00:00.000Z',
    due: '2026-01-02T01:00:00.000Z',
    tail: 'copied 3 files',
  })
})

it('raises one alert when the task is overdue, though the hub restarts, and resolves it with the next ok', async () => {
  const hub = simulate(backup)
  await hub.publish('tasks/backup/ok')
  await hub.advance('20h')
  await hub.restart()
  await hub.advance('5h')
  expect(alerts(hub)).toEqual(['raise: backup is overdue'])
  await hub.restart({ down: '1h' })
  await hub.advance('3d')
  await hub.publish('tasks/backup/start')
  await hub.publish('tasks/backup/ok')
  expect(alerts(hub)).toEqual(['raise: backup is overdue', 'resolve: backup is well again'])
  expect(states(hub)).toEqual(['unknown', 'ok', 'overdue', 'running', 'ok'])
})

it('tells nobody that a task is overdue whose run the hub may have missed', async () => {
  const hub = simulate(backup)
  await hub.publish('tasks/backup/ok')
  await hub.advance('23h')
  await hub.restart({ down: '2h' })
  await hub.advance('22h')
  expect(alerts(hub)).toEqual([])
  await hub.advance('3h')
  expect(alerts(hub)).toEqual(['raise: backup is overdue'])
})

it('is told that the task died by its will, ten seconds later', async () => {
  const hub = simulate(backup)
  await hub.publish('tasks/backup/start', { id: 'a' })
  await hub.publish('tasks/backup/failed', { id: 'a', reason: 'gone' }, { will: true })
  expect(states(hub)).toEqual(['unknown', 'running'])
  await hub.advance('10s')
  expect(states(hub).at(-1)).toBe('failed')
  expect(alerts(hub)).toEqual(['raise: backup failed'])
})

it('counts how long a run takes over a restart of the hub', async () => {
  const hub = simulate(backup)
  await hub.publish('tasks/backup/start')
  await hub.advance('1h')
  await hub.restart()
  await hub.advance('1h')
  expect(states(hub).at(-1)).toBe('slow')
})

it('says of each message what became of it', async () => {
  const hub = simulate(backup)
  for (const verb of ['start', 'log', 'progress', 'finished']) await hub.publish(`tasks/backup/${verb}`)
  expect(
    hub.verdicts.filter(({ rule }) => rule === 'backup').map(({ stage, reason }) => [stage, reason]),
  ).toEqual([
    ['fired', ''],
    ['fired', ''],
    ['task', 'kept in the history'],
    ['task', 'it goes on'],
    ['trigger', 'it says "finished"; a task says start, progress, log, ok, done, fail, failed'],
  ])
})

it('passes over what is retained and what was taken before', async () => {
  const hub = simulate(backup)
  await hub.publish('tasks/backup/start', '', { origin: 'retained' })
  await hub.publish('tasks/backup/start', '', { origin: 'redelivered' })
  expect(states(hub)).toEqual(['unknown'])
})
