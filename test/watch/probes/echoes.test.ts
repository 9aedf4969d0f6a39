import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Echoes } from '../../../src/watch/probes/echoes.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { itWith } from '../../support/tools.ts'
import { failed, good } from './probing.ts'

const never = new AbortController().signal

/** A program in the place of fping, which notes how it is called. */
function fakeFping(script: string): { readonly program: string; readonly calls: () => readonly string[] } {
  const folder = temporaryFolder()
  const [program, calls] = [join(folder, 'fping'), join(folder, 'calls')]
  writeFileSync(program, `#!/bin/sh\necho "$*" >> ${calls}\n${script}\n`)
  chmodSync(program, 0o755)
  return { program, calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []) }
}

const REPLIES = `echo '127.0.0.1 : [0], 64 bytes, 0.25 ms (0.25 avg, 0% loss)'
echo '127.0.0.9 : [0], timed out (NaN avg, 100% loss)'
exit 1`

test('what is asked together is one run of fping, which names each address once', async () => {
  const { program, calls } = fakeFping(REPLIES)
  const echoes = new Echoes(program)
  const asked = ['127.0.0.1', '127.0.0.9', '127.0.0.1'].map((address) => echoes.ask(address, 5_000, never))
  expect(await Promise.all(asked)).toEqual([
    { kind: 'good', latencyMs: 0.25 },
    failed('no reply'),
    { kind: 'good', latencyMs: 0.25 },
  ])
  expect(calls()).toEqual(['-c 1 -r 0 -i 1 -t 5000 127.0.0.1 127.0.0.9'])
})

test('a host that replies does not wait for one that is silent, and fping ends with the last who waits', async () => {
  const { program } = fakeFping(`${REPLIES.split('\n')[0]}\nexec sleep 60`)
  const echoes = new Echoes(program)
  const stop = new AbortController()
  const [loud, silent] = [
    echoes.ask('127.0.0.1', 5_000, stop.signal),
    echoes.ask('127.0.0.9', 5_000, stop.signal),
  ]
  expect(await loud).toEqual({ kind: 'good', latencyMs: 0.25 })
  stop.abort(new Error('no answer within 5s'))
  await expect(silent).rejects.toThrow('no answer within 5s')
})

test('a name is not for fping, which would look one up after the other', async () => {
  const { program, calls } = fakeFping(REPLIES)
  expect(await new Echoes(program).ask('localhost', 5_000, never)).toBeNull()
  expect(calls()).toEqual([])
})

test('an fping that is missing, or could not do its work, is asked again after ten minutes', async () => {
  expect(await new Echoes('no-such-fping').ask('127.0.0.1', 5_000, never)).toBeNull()
  const { program, calls } = fakeFping('exit 4')
  let now = 0
  const echoes = new Echoes(program, () => now)
  for (let time = 0; time < 2; time++) expect(await echoes.ask('127.0.0.1', 5_000, never)).toBeNull()
  expect(calls()).toHaveLength(1)
  now += 10 * 60_000
  expect(await echoes.ask('127.0.0.1', 5_000, never)).toBeNull()
  expect(calls()).toHaveLength(2)
})

test('an fping that was killed says nothing of who had not replied, and is asked again', async () => {
  const { program, calls } = fakeFping(`${REPLIES.split('\n')[0]}\nkill -9 $$`)
  const echoes = new Echoes(program)
  const asked = ['127.0.0.1', '127.0.0.9'].map((address) => echoes.ask(address, 5_000, never))
  expect(await Promise.all(asked)).toEqual([{ kind: 'good', latencyMs: 0.25 }, null])
  expect(await echoes.ask('127.0.0.9', 5_000, never)).toBeNull()
  expect(calls()).toHaveLength(2)
})

itWith('fping')('a real fping says how fast the loopback replies', async () => {
  const echoes = new Echoes()
  const asked = ['127.0.0.1', '127.0.0.2'].map((address) => echoes.ask(address, 5_000, never))
  expect(await Promise.all(asked)).toEqual([good, good])
})
