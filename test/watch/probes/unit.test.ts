import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { probeUnit } from '../../../src/watch/probes/unit.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { failed, good, unable } from './probing.ts'

/** A program in the place of systemctl. */
function systemctl(script: string): string {
  const program = join(temporaryFolder(), 'systemctl')
  writeFileSync(program, `#!/bin/sh\n${script}\n`)
  chmodSync(program, 0o755)
  return program
}

const shows = (active: string, sub: string, result = 'success'): string =>
  `printf 'LoadState=loaded\\nActiveState=${active}\\nSubState=${sub}\\nResult=${result}\\n'`

test.each<[string, string, readonly string[], object]>([
  ['is good when it is active', shows('active', 'running'), ['active'], good],
  ['is good in any state that is', shows('inactive', 'dead'), ['active', 'inactive'], good],
  [
    'fails when it has failed, and says how',
    shows('failed', 'failed', 'exit-code'),
    ['active'],
    failed('it is failed (exit-code)'),
  ],
  [
    'fails while it starts',
    shows('activating', 'auto-restart'),
    ['active'],
    failed('it is activating (auto-restart)'),
  ],
  [
    'fails when there is no such unit',
    "printf 'LoadState=not-found\\nActiveState=inactive\\nSubState=dead\\n'",
    ['inactive'],
    failed('there is no such unit'),
  ],
  [
    'asks for the unit and nothing else',
    `[ "$*" = "show --property=LoadState,ActiveState,SubState,Result -- nginx.service" ] && ${shows('active', 'running')}`,
    ['active'],
    good,
  ],
  [
    'cannot be checked where systemd does not run',
    'echo "System has not been booted with systemd as init system (PID 1)." >&2; exit 1',
    ['active'],
    unable('System has not been booted with systemd'),
  ],
])('a unit ping %s', async (_title, script, states, outcome) => {
  const signal = new AbortController().signal
  const target = { kind: 'unit', unit: 'nginx.service', states } as const
  expect(await probeUnit(target, { signal }, systemctl(script))).toEqual(outcome)
})

test('a unit ping cannot be checked without systemctl', async () => {
  const target = { kind: 'unit', unit: 'nginx.service', states: ['active'] } as const
  const { signal } = new AbortController()
  expect(await probeUnit(target, { signal }, 'no-such-systemctl')).toEqual(unable('does not run systemd'))
})
