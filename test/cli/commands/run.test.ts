// Covers `src/cli/frame/ask-hub.ts`, `src/cli/frame/mqtt-hub.ts`.

import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'
import { leaveAddress } from '../../../src/config/hub-file.ts'
import type { ActionSpec } from '../../../src/model/action.ts'
import type { JsonObject } from '../../../src/model/json.ts'
import type { StepState } from '../../../src/model/run.ts'
import type { StepChange } from '../../../src/model/store.ts'
import { openBench } from '../../journal/fixtures.ts'
import { event, run as newRun, step, stepChange } from '../../journal/nouns.ts'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { watchRuns } from '../../support/runs.ts'
import { runCommand } from '../../support/terminal.ts'
import type { Printed } from '../../support/terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

let folder: string
let data: string
beforeEach(() => {
  folder = temporaryFolder()
  data = join(folder, 'data')
  mkdirSync(data)
  mkdirSync(join(folder, 'rules'))
})

const run = (...args: string[]): Promise<Printed> => runCommand(['run', ...args], { cwd: folder })

it('tries a dead run again, ends an open one, and says why not', async () => {
  writeFileSync(
    join(folder, 'rules', 'r.ts'),
    `import { rule, shell, wait } from 'vigie'
export default [
  rule('brittle', { on: 'move', do: () => [shell\`cat ${folder}/there\`, shell\`echo after\`] }),
  rule('slow', { on: 'wait', do: () => [wait('1h')] }),
  rule('latest', { on: 'again', mode: 'restart', do: () => [wait('1h')] }),
]`,
  )
  const hub = await startHubProcess(['--data', data, '--rules', join(folder, 'rules')])
  const { client, ended } = await watchRuns(hub.mqtt)
  await client.publishAsync('move', '', { qos: 1 })
  const dead = await ended('brittle')
  expect(dead.state).toBe('dead')

  writeFileSync(join(folder, 'there'), 'now')
  const heard = new Promise<string>((resolve) =>
    client.on('message', (_topic, payload) =>
      resolve((JSON.parse(payload.toString()) as { state: string }).state),
    ),
  )
  expect(await run('retry', `${dead.run}`)).toMatchObject({
    status: 0,
    out: `The hub retries run ${dead.run}.\n`,
  })
  expect(await heard).toBe('done')
  expect(JSON.parse((await run('show', `run:${dead.run}`, '--json')).out)).toMatchObject({
    state: 'done',
    steps: [{ state: 'done', attempt: 2 }, { state: 'done' }],
  })
  expect((await run('retry', `${dead.run}`)).error).toContain('is done; only a dead run can be retried')

  rmSync(join(folder, 'there'))
  await client.publishAsync('move', '', { qos: 1 })
  const hopeless = dead.run + 1
  await vi.waitFor(async () => expect((await run('show', `${hopeless}`)).out).toContain('brittle: dead'))
  const resolved = new Promise<void>((resolve) =>
    client.on('message', (topic, payload) => {
      const { state } = JSON.parse(payload.toString()) as { state?: string }
      if (topic === 'vigie/alerts/runs/brittle' && state === 'resolved') resolve()
    }),
  )
  await client.subscribeAsync('vigie/alerts/runs/brittle')
  expect((await run('discard', `${hopeless}`)).out).toBe(`The hub discarded run ${hopeless}.\n`)
  await resolved
  expect((await run('retry', `${hopeless}`)).error).toContain('is cancelled; only a dead run can be retried')

  await client.publishAsync('wait', '', { qos: 1 })
  const open = hopeless + 1
  await vi.waitFor(async () => expect((await run('show', `${open}`)).status).toBe(0))
  const cancelled = ended('slow')
  expect((await run('cancel', `#${open}`)).out).toBe(`The hub cancelled run ${open}.\n`)
  expect(await cancelled).toMatchObject({ state: 'cancelled', reason: 'it was cancelled by hand' })
  expect((await run('show', `${open}`)).out).toMatch(/of slow: cancelled: it was cancelled by hand\n/)
  expect((await run('cancel', `${open}`)).error).toContain('has ended: it is cancelled')
  expect((await run('cancel', '99')).error).toContain('There is no run 99.')

  const replaced = ended('latest')
  for (const _ of [1, 2]) await client.publishAsync('again', '', { qos: 1 })
  const { run: first } = await replaced
  const { out } = await runCommand(['why', `run:${first}`], { cwd: folder })
  expect(out).toMatch(new RegExp(`run:${first} cancelled in \\S+: run ${first + 1} replaces it`))

  await hub.end('SIGTERM')
  expect(readdirSync(data)).not.toContain('hub.json')
  expect((await run('retry', '1')).error).toContain(`No hub runs on ${data}.`)
})

it('says when the hub does not answer where it said that it listens', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  leaveAddress(data, { pid: process.pid, http: `http://127.0.0.1:${port}`, mqtt: null })
  expect((await run('retry', '1')).error).toContain(`does not answer at http://127.0.0.1:${port}`)
})

it('takes no notice of the address that a hub left which is gone', async () => {
  leaveAddress(data, { pid: 2 ** 22 + 1, http: 'http://127.0.0.1:9', mqtt: null })
  expect((await run('retry', '1')).error).toContain('No hub runs on')
})

it('names what it does not know', async () => {
  expect((await run('stop', '1')).error).toContain(
    '"vigie run" knows "show", "retry", "rerun", "cancel" and "discard", not "stop".',
  )
  expect((await run('retry', 'x')).error).toContain('is not the number of a run')
})

it('shows whom a kill ended, and what is missing of an output', async () => {
  const { dataDir, writer } = openBench()
  const manner = { timeoutMs: 1, retry: { attempts: 1, minMs: 1, maxMs: 1 } }
  const kill: ActionSpec = { kind: 'kill', target: { select: { name: 'tree.sh' } }, graceMs: 1, ...manner }
  const specs: readonly ActionSpec[] = [kill, kill, { kind: 'shell', argv: ['seq', '9'], ...manner }]
  const results: readonly JsonObject[] = [
    { processes: [{ pid: 812, name: 'sh', how: 'terminated' }] },
    { processes: [] },
    { exitCode: 0, stdout: '…8\n9\n', stderr: 'slow disk\n', truncated: { stdout: 18_893 } },
  ]
  const steps = specs.map((spec, index) => step(1, `${index}`, { spec }))
  const of = (state: StepState, index: number): StepChange => stepChange(1, `${index}`, state, 1)
  writer.commit({
    events: [event(1)],
    changes: [
      { newRuns: [{ run: newRun(1), steps }] },
      { steps: specs.map((_, index) => of('running', index)) },
      {
        steps: results.map((result, index) => ({
          ...of('done', index),
          outcome: { kind: 'done' as const, result },
        })),
      },
    ],
  })
  const { out } = await runCommand(['run', 'show', '1', '--data', dataDir])
  expect(out).toContain('0 done      kill every process called tree.sh: sh (812) ended\n')
  expect(out).toContain('1 done      kill every process called tree.sh: no process matched\n')
  expect(out).toContain('exit code 0\n      (only the end of its stdout is kept: it had 18.5 KiB)\n')
  expect(out).toContain('      stdout │ …8\n      stdout │ 9\n      stderr │ slow disk\n')
})
