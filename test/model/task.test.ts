import { describe, expect, it } from 'vitest'
import { taskMessage, taskNameProblem } from '../../src/model/task.ts'

describe('what a message says of a task', () => {
  it.each([
    ['an exit code', 3, { exitCode: 3 }],
    ['text', 'two\nlines', { tail: 'two\nlines' }],
    ['nothing', '', {}],
    [
      'JSON',
      { id: 'a', host: 'nas', exitCode: 1, durationMs: 5, tail: 'x' },
      { id: 'a', host: 'nas', exitCode: 1, durationMs: 5, tail: 'x' },
    ],
    ['types that are wrong', { id: 7, exitCode: '1', durationMs: -1, tail: null, reason: '' }, {}],
    ['a number that is no exit code', 1_000, {}],
    ['a list', [1], {}],
    ['null', null, {}],
  ])('is read from %s', (_what, payload, expected) => {
    const nothing = {
      id: null,
      host: null,
      durationMs: null,
      exitCode: null,
      signal: null,
      reason: null,
      tail: '',
    }
    expect(taskMessage(payload)).toEqual({ ...nothing, ...expected })
  })

  it('keeps the end of a long output', () => {
    expect(taskMessage(`${'x'.repeat(10_000)}end`).tail).toMatch(/^…x+end$/)
    expect(taskMessage('x'.repeat(10_000)).tail).toHaveLength(4_097)
    expect(taskMessage({ tail: 'x'.repeat(10_000) }).tail).toHaveLength(4_097)
  })

  it('keeps the beginning of other long texts', () => {
    const long = `begin${'x'.repeat(10_000)}`
    const { id, host, reason, signal } = taskMessage({ id: long, host: long, reason: long, signal: long })
    for (const text of [id, host, reason, signal]) expect(text).toMatch(/^beginx{507}…$/)
    expect(taskMessage({ reason: long }).reason).toHaveLength(513)
  })
})

it.each(['a/b', '', '+', '-x', 'a b'])('refuses %o as the name of a task', (name) => {
  expect(taskNameProblem(name)).toMatch(/cannot be the name of a task: a name is made of/)
})

it('takes ordinary names', () => {
  expect(['backup', 'nightly-2', 'größe.x'].map((name) => taskNameProblem(name))).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})
