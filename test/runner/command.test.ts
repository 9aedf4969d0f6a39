// Covers `src/runner/pipe.ts`. Real commands under the real runner, whose hub does not answer.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { BIN, temporaryFolder } from '../support/hub.ts'
import { reach } from '../support/reach.ts'

vi.setConfig({ testTimeout: 60_000 })

/** Port 1 of loopback refuses. */
const NO_HUB = ['--hub', 'mqtt://127.0.0.1:1', '--wait', '1ms']

function run(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [BIN, 'run', '--name', 't', ...NO_HUB, '--', ...argv], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function ended(child: ReturnType<typeof run>) {
  const [out, error, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { out, error, code: code as number | null, signal: signal as NodeJS.Signals | null }
}

const sh = (script: string) => run(['sh', '-c', script])

const COMPLAINT =
  'vigie: the hub at mqtt://127.0.0.1:1 cannot be told of "t" (connect ECONNREFUSED 127.0.0.1:1). ' +
  'The command runs all the same, and what there is to tell is kept while it runs.\n'

it('passes outputs and the exit code through, and says once that there is no hub', async () => {
  expect(await ended(sh('echo out; echo error >&2; sleep 2.5; exit 3'))).toEqual({
    out: 'out\n',
    error: `error\n${COMPLAINT}`,
    code: 3,
    signal: null,
  })
})

it('gives the command its own input', async () => {
  const child = run(['cat'])
  child.stdin.end('line\n\0binary')
  expect((await ended(child)).out).toBe('line\n\0binary')
})

const OUTPUT_BYTES = reach(10_000_000, 100_000_000)

it('passes many megabytes on unharmed, to a reader that is slow to begin', async () => {
  const child = run(['head', '-c', String(OUTPUT_BYTES), '/dev/zero'])
  const hash = createHash('sha256')
  await once(child, 'spawn')
  await new Promise((resolve) => setTimeout(resolve, 300))
  let bytes = 0
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    bytes += chunk.length
    hash.update(chunk)
  }
  expect(bytes).toBe(OUTPUT_BYTES)
  expect(hash.digest('hex')).toBe(createHash('sha256').update(Buffer.alloc(OUTPUT_BYTES)).digest('hex'))
})

it.each(['SIGTERM', 'SIGKILL'] as const)('ends as its command does, by %s', async (signal) => {
  expect(await ended(sh(`kill -${signal.slice(3)} $$`))).toMatchObject({ code: null, signal })
})

it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const)(
  'passes %s on to the command',
  async (signal) => {
    const child = sh(
      `trap 'echo caught; exit 7' ${signal.slice(3)}; echo ready; while :; do sleep 0.05; done`,
    )
    const [ready] = (await once(child.stdout, 'data')) as [Buffer]
    expect(ready.toString()).toBe('ready\n')
    child.kill(signal)
    expect(await ended(child)).toMatchObject({ out: 'caught\n', code: 7, signal: null })
  },
)

describe('a command that cannot be run', () => {
  it.each([
    ['no-such-program', 127, 'vigie: there is no program no-such-program\n'],
    ['/dev/null/x', 126, 'vigie: /dev/null/x cannot be run: spawn ENOTDIR\n'],
    ['/etc/passwd', 126, 'vigie: /etc/passwd cannot be run: spawn /etc/passwd EACCES\n'],
  ])('%s ends with %i, as in a shell', async (program, code, sentence) => {
    const result = await ended(run([program]))
    expect(result.code).toBe(code)
    expect(result.error).toContain(sentence)
  })
})

it('gives outputs that the command can open by name, and leaves no file of them', async () => {
  const TMPDIR = temporaryFolder()
  const child = run(['sh', '-c', 'echo out > /dev/stdout; echo error > /dev/stderr'], { TMPDIR })
  expect(await ended(child)).toMatchObject({
    out: 'out\n',
    error: expect.stringContaining('error\n'),
    code: 0,
  })
  expect(readdirSync(TMPDIR)).toEqual([])
})

it('passes outputs on where no pipe can be made', async () => {
  const child = run(['sh', '-c', 'echo out; exit 4'], { TMPDIR: join(tmpdir(), 'there', 'is', 'none') })
  expect(await ended(child)).toMatchObject({ out: 'out\n', code: 4 })
})

it('does not wait for a background process that holds the outputs', async () => {
  const child = sh('sleep 100 & echo $!')
  const { out, code } = await ended(child)
  process.kill(Number(out))
  expect(code).toBe(0)
})
