import { expect, it } from 'vitest'
import { ruleViews } from '../../../src/engine/load/rule-views.ts'
import { command, rule, task, watch } from '../../../src/index.ts'
import { compile } from '../../../src/rules/compile.ts'

it('shows each rule of the files with its kind, its place and what it waits for', () => {
  const nothing = { do: () => [] } as const
  const declared = [
    rule('door', { on: ['doors/+id', 'gates/+'], ...nothing, enabled: false }),
    rule('nightly', { on: 'a/#', ...nothing, dryRun: true }),
    watch('runaway', { process: { name: 'yes' }, state: 'zombie', for: '1m', ...nothing }),
    task('backup', { every: '1d' }),
    command('stop', { target: { name: 'yes' }, allow: ['kill'], users: [] }),
  ]
  const rules = compile([{ file: 'rules/house.ts', exports: { default: declared } }], { root: 'vigie' })
  expect(rules.problems).toEqual([])
  const views = ruleViews(rules)
  expect(views.slice(0, 2)).toMatchObject([
    { name: 'door', kind: 'rule', file: 'rules/house.ts', on: ['doors/+', 'gates/+'], enabled: false },
    { name: 'nightly', kind: 'rule', on: ['a/#'], enabled: true, dryRun: true },
  ])
  expect(views.map(({ name, kind }) => [name, kind])).toEqual(
    expect.arrayContaining([
      ['runaway', 'watch'],
      ['backup', 'task'],
      ['stop', 'command'],
    ]),
  )
})
