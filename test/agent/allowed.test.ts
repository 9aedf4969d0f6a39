import { expect, it } from 'vitest'
import { usersWithin, whyForbidden, whyUnchecked } from '../../src/agent/allowed.ts'
import type { Allowed } from '../../src/agent/allowed.ts'

const NOTHING: Allowed = { actions: [], programs: [], users: [] }
const process = { identity: { boot: 'b', pid: 1, startTicks: 1 }, name: 'x' }

it.each([
  [{ kind: 'list', target: process }, {}, undefined],
  [{ kind: 'kill', target: process }, {}, 'the agent does not kill: it was started without --allow kill'],
  [{ kind: 'kill', target: process, dryRun: true }, {}, undefined],
  [{ kind: 'kill', target: process }, { actions: ['kill'] }, undefined],
  [{ kind: 'renice', target: process }, { actions: ['kill'] }, expect.stringContaining('--allow renice')],
  [{ kind: 'reap', target: process, parent: 'nudge' }, { actions: ['reap'] }, undefined],
  [
    { kind: 'reap', target: process, parent: 'terminate' },
    { actions: ['reap'] },
    expect.stringContaining('--allow kill'),
  ],
  [{ kind: 'restart', argv: ['/bin/a', 'b'] }, {}, expect.stringContaining('--run "/bin/a"')],
  [{ kind: 'restart', argv: ['/bin/a', 'b'] }, { programs: ['/bin/a'] }, undefined],
  [
    { kind: 'restart', argv: ['/bin/a'], stop: process },
    { programs: ['/bin/a'] },
    expect.stringContaining('--allow kill'),
  ],
  [{ kind: 'restart', argv: ['/bin/../bin/a'] }, { programs: ['/bin/a'] }, expect.stringContaining('--run')],
  [{ kind: 'shell', argv: ['/bin/a'] }, { programs: ['/bin/a'] }, undefined],
  [{ kind: 'shell', argv: ['a'] }, { programs: ['/bin/a'] }, expect.stringContaining('--run "a"')],
  [
    { kind: 'shell', argv: [], script: 'x' },
    { programs: ['/bin/a'] },
    expect.stringContaining('--run "/bin/sh"'),
  ],
])('of %j, with %j: %s', (spec, allowed, why) => {
  expect(whyForbidden(spec as never, { ...NOTHING, ...(allowed as Partial<Allowed>) })).toEqual(why)
})

it('checks by a program only with one that it may run', () => {
  const ping = (target: object) => ({ name: 'p', target }) as never
  expect(whyUnchecked(ping({ kind: 'command', argv: ['/bin/a'] }), NOTHING)).toContain('--run "/bin/a"')
  expect(
    whyUnchecked(ping({ kind: 'command', argv: ['/bin/a'] }), { ...NOTHING, programs: ['/bin/a'] }),
  ).toBeUndefined()
  expect(whyUnchecked(ping({ kind: 'tcp', host: 'a', port: 1 }), NOTHING)).toBeUndefined()
})

it.each([
  ['any', [], []],
  ['any', ['a'], ['a']],
  ['any', 'any', 'any'],
  [['a', 'b'], ['b', 'c'], ['b']],
  [['a'], 'any', ['a']],
] as const)('of the users %j, with %j allowed, acts on those of %j', (asked, users, meant) => {
  expect(usersWithin(asked, { ...NOTHING, users })).toEqual(meant)
})
