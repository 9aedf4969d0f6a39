// Covers `src/rules/authoring/task.ts`, `src/rules/compile/task-shape.ts`.

import { describe, expect, expectTypeOf, it } from 'vitest'
import { compile } from '../../../src/rules/compile.ts'
import { publish } from '../../../src/rules/authoring/actions/publish.ts'
import { rule } from '../../../src/rules/authoring/rule.ts'
import { task } from '../../../src/rules/authoring/task.ts'
import type { TaskOptions } from '../../../src/rules/authoring/task.ts'
import { explain } from '../../../src/rules/explain/explain.ts'
import { inventedEvent } from '../../../src/rules/explain/rehearse.ts'
import { simulate } from '../../../src/testing.ts'

const problemsOf = (...declarations: readonly unknown[]): string[] =>
  compile([{ file: 'rules/t.ts', exports: { default: declarations } }], { root: 'vigie' }).problems.map(
    ({ message }) => message.replace(/^rules\/t\.ts(?::\d+)?: /, ''),
  )

describe('a task that is declared wrongly', () => {
  it.each([
    [{ every: 'daily' }, "every: expected a duration such as '250ms', '30s', '5m' or '7d', got \"daily\""],
    [{ every: '1d', grace: 'none' }, `grace: expected 'learned' or a duration such as '30m', got "none"`],
    [{ longest: '0s' }, `longest: expected 'learned' or a duration such as '30m', got "0s"`],
    [{ grace: '1h' }, 'grace: it belongs to every'],
    [{ severity: 'fatal' }, "severity: expected 'info' or 'warning' or 'critical', got \"fatal\""],
    [{ evry: '1d' }, 'there is no key `evry`; did you mean `every`?'],
  ])('is refused with a sentence: %o', (options, sentence) => {
    expect(problemsOf(task('t', options as never))).toEqual([`task "t": ${sentence}`])
  })

  it('is refused when its name, or that of its second rule, is taken', () => {
    const does = rule('t.do', { on: 'a', do: () => [] })
    expect(problemsOf(does, task('t'))).toEqual([
      expect.stringMatching(/^task "t": the name is taken by rule "t\.do" in rules\/t\.ts/),
    ])
    expect(problemsOf(task('t'), task('t'))).toHaveLength(1)
    expect(problemsOf(task('a/b'))).toEqual([
      `task "a/b": a name is made of letters, digits, '.', '_' and '-', and begins with a letter or a digit`,
    ])
  })
})

it('is listed as a task', () => {
  const set = compile([{ file: 'rules/t.ts', exports: { default: [task('a'), task('b')] } }], {
    root: 'vigie',
  })
  expect(set.tasks).toEqual(['a', 'b'])
})

it('is explained with the report and the alert that a message leads to', () => {
  const set = compile([{ file: 'rules/t.ts', exports: { default: [task('t')] } }], { root: 'vigie' })
  const [told] = explain(set, inventedEvent('tasks/t/failed', '3', 'live'))
  expect(told!.plan).toMatchObject({
    ok: true,
    steps: [
      { spec: { kind: 'publish', topic: 'vigie/tasks/t' } },
      { spec: { kind: 'alert', key: 'task-t' } },
    ],
  })
})

it('never is overdue without an interval', async () => {
  const hub = simulate(task('t'))
  await hub.publish('tasks/t/ok')
  await hub.advance('1000d')
  expect(hub.actions.filter(({ kind }) => kind === 'alert')).toEqual([])
})

it('raises its alert with the severity that it names, the reason, the machine and the end of the output', async () => {
  const hub = simulate(task('t', { severity: 'critical' }))
  await hub.publish('tasks/t/failed', {
    id: '1',
    host: 'nas',
    exitCode: 2,
    durationMs: 90_000,
    tail: 'No space',
  })
  expect(hub.actions.find(({ kind }) => kind === 'alert')).toMatchObject({
    key: 'task-t',
    title: 't failed',
    severity: 'critical',
    body: 'It ended with exit code 2. It took 1m 30s.\nIt ran on nas.\n\nNo space',
  })
})

it('performs its do with each change, with the state as task and as payload', async () => {
  const hub = simulate(
    task('t', { do: ({ task: now, payload }) => publish(`seen/${now.state}`, payload.state) }),
  )
  await hub.publish('tasks/t/start')
  await hub.publish('tasks/t/ok')
  expect(hub.messages.filter(({ topic }) => topic.startsWith('seen/')).map(({ topic }) => topic)).toEqual([
    'seen/unknown',
    'seen/running',
    'seen/ok',
  ])
})

it('has the types of its report', () => {
  task('t', {
    do: ({ task: now }) => {
      expectTypeOf(now.state).toEqualTypeOf<'unknown' | 'running' | 'slow' | 'ok' | 'failed' | 'overdue'>()
      expectTypeOf(now.durationMs).toEqualTypeOf<number | null>()
      return []
    },
  })
  expectTypeOf<TaskOptions['every']>().not.toBeAny()
})
