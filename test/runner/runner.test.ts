// Covers `src/runner/hub-line.ts`, `src/cli/commands/run-task.ts`. Real commands, a real hub.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { BIN, startHubProcess, temporaryFolder } from '../support/hub.ts'
import type { HubProcess } from '../support/hub.ts'
import { forAllTests } from '../support/lifetime.ts'
import { runCommand } from '../support/terminal.ts'

vi.setConfig({ testTimeout: 120_000 })

let folder: string
function makeFolder(): void {
  folder = temporaryFolder()
  mkdirSync(join(folder, 'rules'))
  writeFileSync(
    join(folder, 'rules', 'tasks.ts'),
    `import { task } from 'vigie'
export const t = task('t', { every: '1d' })
export const fails = task('fails', { every: '1d' })
export const dies = task('dies', { every: '1d' })
`,
  )
}

const startHub = (...args: readonly string[]) =>
  startHubProcess(['--data', join(folder, 'data'), '--rules', join(folder, 'rules'), ...args])

type Said = readonly [topic: string, payload: Record<string, unknown>]

/** A client that hears what is said of tasks. */
async function listen(port: number) {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 200 })
  onTestFinished(() => client.endAsync(true))
  const heard: Said[] = []
  const waiting = new Set<() => void>()
  client.on('message', (topic, payload) => {
    heard.push([topic, JSON.parse(payload.toString()) as Record<string, unknown>])
    for (const look of waiting) look()
  })
  await client.subscribeAsync(['tasks/#', 'vigie/tasks/#'], { qos: 1 })
  return {
    heard,
    topics: () => heard.map(([topic]) => topic).filter((topic) => topic.startsWith('tasks/')),
    /** Resolves with the first message, past or future, on the topic that fits. */
    message: (wanted: string, fits: (payload: Said[1]) => boolean = () => true) =>
      new Promise<Said[1]>((resolve) => {
        const look = (): void => {
          const found = heard.find(([topic, payload]) => topic === wanted && fits(payload))
          if (found === undefined) return
          waiting.delete(look)
          resolve(found[1])
        }
        waiting.add(look)
        look()
      }),
  }
}

function run(port: number, options: readonly string[], argv: readonly string[], name = 't') {
  const hub = `mqtt://127.0.0.1:${port}`
  const child = spawn(
    process.execPath,
    [BIN, 'run', '--name', name, '--hub', hub, ...options, '--', ...argv],
    { env: { ...process.env, NODE_OPTIONS: '' }, stdio: ['pipe', 'ignore', 'pipe'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    child,
    input: child.stdin,
    ended: once(child, 'close') as Promise<[number | null, string | null]>,
  }
}

describe('a hub', () => {
  let hub: HubProcess
  beforeAll(
    forAllTests(async () => {
      makeFolder()
      hub = await startHub()
    }),
  )

  it('tells the hub of a run, its progress and its end, and the hub follows it', async () => {
    const { message, topics } = await listen(hub.mqtt)
    const { child, input, ended } = run(
      hub.mqtt,
      [],
      ['sh', '-c', 'echo 42 %; read line; echo $line; exit 0'],
    )
    const start = await message('tasks/t/start')
    expect(start).toMatchObject({ id: expect.any(String), host: hostname(), pid: child.pid, command: 'sh' })
    expect(await message('vigie/tasks/t', ({ state }) => state === 'running')).toMatchObject({
      host: hostname(),
    })
    expect(await message('tasks/t/progress')).toMatchObject({ id: start.id, percent: 42, line: '42 %' })
    input.write('the end\n')
    expect(await ended).toEqual([0, null])
    const done = await message('tasks/t/done')
    expect(done).toMatchObject({ id: start.id, exitCode: 0, signal: null, tail: '42 %\nthe end\n' })
    expect(done.durationMs).toBeGreaterThan(0)
    expect(await message('vigie/tasks/t', ({ state }) => state === 'ok')).toMatchObject({
      durationMs: done.durationMs,
      exitCode: 0,
    })
    expect(topics()).toEqual(['tasks/t/start', 'tasks/t/progress', 'tasks/t/done'])
  })

  it('tells the hub that a run failed, and an alert is raised', async () => {
    const { message } = await listen(hub.mqtt)
    expect(await run(hub.mqtt, ['--no-tail'], ['sh', '-c', 'echo secret; exit 3'], 'fails').ended).toEqual([
      3,
      null,
    ])
    const failed = await message('tasks/fails/failed')
    expect(failed).toMatchObject({ exitCode: 3 })
    expect(failed).not.toHaveProperty('tail')
    expect(await message('vigie/tasks/fails', ({ state }) => state === 'failed')).toMatchObject({
      reason: 'it ended with exit code 3',
    })
  })

  it('has the broker say that it died, when the runner is killed', async () => {
    const { message } = await listen(hub.mqtt)
    const { child, input, ended } = run(hub.mqtt, ['--lost-after', '0s'], ['cat'], 'dies')
    const { id } = await message('tasks/dies/start')
    child.kill('SIGKILL')
    input.end()
    await ended
    expect(await message('tasks/dies/failed')).toMatchObject({ id, reason: 'the machine or the runner died' })
  })
})

it('goes on while the hub is killed and started again, and tells the rest', async () => {
  makeFolder()
  const first = await startHub()
  const before = await listen(first.mqtt)
  const { input, ended } = run(first.mqtt, ['--wait', '50s'], ['cat'])
  const { id } = await before.message('tasks/t/start')
  await first.end('SIGKILL')
  input.end('x')
  const second = await startHub('--mqtt', String(first.mqtt))
  expect(await ended).toEqual([0, null])
  const after = await listen(second.mqtt)
  const state = await after.message('vigie/tasks/t', (report) => report.state === 'ok')
  expect(state).toMatchObject({ durationMs: expect.any(Number), exitCode: 0 })
  const { out } = await runCommand(['history', 'tasks/#', '--json', '--data', join(folder, 'data')])
  const history = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { topic: string; payload: { id: string } })
  // What the first hub had not acknowledged comes twice (QoS 1); nothing comes after the end.
  const topics = history.map(({ topic }) => topic)
  expect([...new Set(topics.filter((topic) => topic !== 'tasks/t/progress'))]).toEqual([
    'tasks/t/start',
    'tasks/t/done',
  ])
  expect(topics.indexOf('tasks/t/done')).toBe(topics.length - 1)
  expect(history.filter(({ payload }) => payload.id !== id)).toEqual([])
})

describe('what cannot be meant', () => {
  it.each([
    [['--name', 'a/b', '--', 'true'], '--name: "a/b" cannot be the name of a task: a name is made of'],
    [['--name', 'a'], 'Which command? Write it after --: vigie run --name a -- rsync -a /home /backup'],
    [
      ['--name', 'a', '--hub', 'localhost', '--', 'true'],
      '--hub: expected a URL such as mqtt://127.0.0.1:1883',
    ],
    [['--name', 'a', '--progress', '(', '--', 'true'], '--progress: Invalid regular expression'],
    [['--name', 'a', '--wait', 'long', '--', 'true'], '--wait: "long" is not a duration'],
    [['--name', 'a', '--ca', '/none.pem', '--', 'true'], '--ca: /none.pem cannot be read'],
    [[], 'Write "vigie run show 3" for a run of a rule, or "vigie run --name backup -- COMMAND"'],
    [['show', '3', '4'], 'Write "vigie run show 3"'],
  ])('%o is refused with a sentence', async (argv, sentence) => {
    const { status, error } = await runCommand(['run', ...argv])
    expect(status).not.toBe(0)
    expect(error).toContain(sentence)
  })
})
