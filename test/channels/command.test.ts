// Covers `src/channels/program.ts`.

import { expect, it } from 'vitest'
import { command } from '../../src/channels/command.ts'
import type { ProcessIdentity } from '../../src/model/action.ts'
import { secret } from '../../src/rules/authoring/actions/secret.ts'
import { tellTo } from './http-channel.ts'
import { attempt, firing } from './notifications.ts'

const sh = (script: string, more: object = {}) => command({ argv: ['/bin/sh', '-c', script], ...more })

it('gives a program the parts in variables and all of it as JSON', async () => {
  const started: ProcessIdentity[] = []
  const telling = { ...attempt({}), started: (identity: ProcessIdentity) => void started.push(identity) }
  const script = 'echo "$VIGIE_STATE|$VIGIE_SEVERITY|$VIGIE_TITLE|$VIGIE_ALERT|$VIGIE_KEY"; cat'
  const told = await tellTo(sh(script), { ...firing, title: '$(touch x) `y` "z"' }, telling)
  if (told.kind !== 'told') throw new Error(told.reason)
  const { stdout } = told.result as { stdout: string }
  const [line, json] = stdout.split('\n')
  expect(line).toBe('firing|critical|$(touch x) `y` "z"|nas|telling-1')
  expect(JSON.parse(json ?? '')).toMatchObject({ id: 'vigie/alerts/nas#1', body: firing.body })
  expect(started).toHaveLength(1)
})

it('gives it secrets in variables, and keeps none of what it says of them', async () => {
  const spec = sh('echo "key $KEY"', { env: { KEY: secret('KEY') } })
  expect(await tellTo(spec, firing, attempt({ KEY: 's3cret' }))).toMatchObject({
    kind: 'told',
    result: { exitCode: 0, stdout: 'key [secret KEY]\n' },
  })
})

it('tries again after another exit code than 0, and says what the program said last', async () => {
  const told = await tellTo(sh('echo one >&2; echo two >&2; exit 3'), firing, attempt({}))
  expect(told).toEqual({ kind: 'later', reason: '/bin/sh exited with 3: two' })
})

it('gives up when there is no such program', async () => {
  const told = await tellTo(command({ argv: ['no-such-program-here'] }), firing, attempt({}))
  expect(told).toMatchObject({
    kind: 'gone',
    reason: expect.stringContaining('no such program is on the PATH'),
  })
})

it('ends with the attempt, and ends what it has started', async () => {
  const ending = new AbortController()
  const telling = {
    ...attempt({}, { signal: ending.signal }),
    started: () => ending.abort(new Error('timed out after 30s')),
  }
  const told = await tellTo(sh('sleep 600 & wait'), firing, telling)
  expect(told).toEqual({ kind: 'later', reason: '/bin/sh timed out after 30s' })
})

it('survives a zero byte in what an alert quotes', async () => {
  const told = await tellTo(sh('echo "$VIGIE_TITLE"'), { ...firing, title: 'a\0b' }, attempt({}))
  expect(told).toMatchObject({ kind: 'told', result: { stdout: 'ab\n' } })
})

it('refuses a text as the command with a sentence', () => {
  expect(() => command({ argv: 'notify me' as never })).toThrow('argv: expected an array of texts')
})
