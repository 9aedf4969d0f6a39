import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { desktop } from '../../src/channels/desktop.ts'
import { temporaryFolder } from '../support/hub.ts'
import { tellTo } from './http-channel.ts'
import { attempt, firing, resolved } from './notifications.ts'

/** A notify-send of the imagination: it writes down its arguments, and does as the script says. */
function notifySend(script: string) {
  const folder = temporaryFolder()
  const program = join(folder, 'notify-send')
  const log = join(folder, 'log')
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" --END-- >> '${log}'\n${script}\n`)
  chmodSync(program, 0o755)
  const calls = (): string[][] =>
    readFileSync(log, 'utf8')
      .split('--END--\n')
      .slice(0, -1)
      .map((call) => call.trim().split('\n'))
  return { spec: desktop({ program }), calls }
}

it('shows a notification, and replaces it later', async () => {
  const { spec, calls } = notifySend('echo 42')
  const first = await tellTo(spec, firing, attempt({}))
  expect(first).toEqual({ kind: 'told', handle: { number: '42' }, isUpdate: false })
  const second = await tellTo(spec, resolved, attempt({}, { handle: { number: '42' } }))
  expect(second).toEqual({ kind: 'told', handle: { number: '42' }, isUpdate: true })
  expect(calls()).toEqual([
    [
      '--app-name=vigie',
      '--urgency=critical',
      '--print-id',
      '--',
      '🔴 nas is down',
      'No answer for &lt;2 min&gt; &amp; more.',
    ],
    [
      '--app-name=vigie',
      '--urgency=normal',
      '--print-id',
      '--replace-id=42',
      '--',
      '✅ Resolved after 3 h: nas is down',
    ],
  ])
})

it('tells an old notify-send what it understands', async () => {
  const { spec, calls } = notifySend(
    'case "$*" in *--print-id*) echo "Unknown option --print-id" >&2; exit 1;; esac',
  )
  expect(await tellTo(spec, firing, attempt({}))).toEqual({ kind: 'told', handle: null, isUpdate: false })
  expect(calls()).toHaveLength(2)
})

it('says that the program is missing', async () => {
  const told = await tellTo(desktop({ program: 'no-notify-send-here' }), firing, attempt({}))
  expect(told).toMatchObject({ kind: 'gone', reason: expect.stringContaining('install it') })
})

it('says what the program said', async () => {
  const { spec } = notifySend('echo "no bus" >&2; exit 1')
  expect(await tellTo(spec, firing, attempt({}))).toMatchObject({
    reason: expect.stringMatching(/^notify-send exited with 1: no bus/),
  })
})
