// A whole hub as its own process, as people run it: for tests from outside.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { whenOver } from './lifetime.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** What `build.ts` builds before the tests; not `dist`, which a test of the package builds meanwhile. */
export const BUILT = join(ROOT, '.built')
export const BIN = join(BUILT, 'bin.js')

/** A line of the hub's log. */
export interface LogLine {
  readonly level: string
  readonly part: string
  readonly msg: string
  readonly [fact: string]: unknown
}

export interface HubProcess {
  readonly mqtt: number
  readonly http: number
  readonly pid: number
  readonly lines: readonly LogLine[]
  /** What was printed that is no log line: a crash speaks there. */
  readonly noise: readonly string[]
  /** Resolves with the first line, past or future, that fits. */
  line(fits: (line: LogLine) => boolean): Promise<LogLine>
  /** Ends it with a signal; resolves when it is gone. */
  end(
    signal: NodeJS.Signals,
  ): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** Resolves when it has ended by itself or otherwise. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-test-'))
  whenOver(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts `vigie start` on free ports and resolves when it is ready. It is killed when the test is over. */
export async function startHubProcess(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  bin = BIN,
): Promise<HubProcess> {
  const hub = spawnHub(args, env, bin)
  const ready = hub.line(({ msg }) => msg.startsWith('Ready'))
  const first = await Promise.race([ready, hub.ended])
  if (!('msg' in first))
    throw new Error(`The hub ended with ${String(first.code ?? first.signal)}:\n${hub.output()}`)
  const portOf = (listener: string): number =>
    hub.lines.find((line) => line['listener'] === listener)?.['port'] as number
  return Object.assign(hub, { mqtt: portOf('mqtt'), http: portOf('http') })
}

/** The same without waiting, for hubs that are meant to fail. */
export function spawnHub(args: readonly string[], env: NodeJS.ProcessEnv = {}, bin = BIN) {
  const child = spawn(process.execPath, [bin, 'start', '--mqtt', '0', '--http', '0', ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: LogLine[] = []
  const noise: string[] = []
  const waiting = new Set<(line: LogLine) => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (text) => {
      const line = parseLine(text)
      if (line === undefined) return noise.push(text)
      lines.push(line)
      for (const tell of waiting) tell(line)
      return lines.length
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }))
  whenOver(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    pid: child.pid ?? 0,
    lines,
    noise,
    ended,
    output: () => [...lines.map(({ msg }) => msg), ...noise].join('\n'),
    line: (fits: (line: LogLine) => boolean) =>
      new Promise<LogLine>((resolve) => {
        const past = lines.find((line) => fits(line))
        if (past) return resolve(past)
        const tell = (line: LogLine): void => {
          if (!fits(line)) return
          waiting.delete(tell)
          resolve(line)
        }
        waiting.add(tell)
      }),
    end: (signal: NodeJS.Signals) => {
      child.kill(signal)
      return ended
    },
  }
}

function parseLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text) as LogLine
  } catch {
    return undefined
  }
}
