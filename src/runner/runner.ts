// Runs one command, and tells the hub of it: `tasks/<name>/start`, `progress`, and `done` or `failed`. The
// output, the exit code and the signals are those of the command.

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { basename } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { systemClock } from '../base/clock.ts'
import { Tail } from '../base/tail.ts'
import type { JsonObject } from '../model/json.ts'
import { RUNNER_DIED } from '../model/task.ts'
import { runCommand } from './command.ts'
import type { Ending } from './command.ts'
import { HubLine } from './hub-line.ts'
import type { HubLineOptions } from './hub-line.ts'
import { progressIn } from './progress.ts'

export interface RunnerOptions extends Pick<
  HubLineOptions,
  'url' | 'login' | 'tls' | 'lostAfterMs' | 'complain'
> {
  readonly name: string
  readonly argv: readonly string[]
  readonly progress: RegExp
  /** Whether the end of the output is told, too. */
  readonly isTailTold: boolean
  /** How long the hub is waited for when the command has ended. */
  readonly patienceMs: number
}

/** How often the hub is told of progress, at most. */
const PROGRESS_MS = 2_000
/** Bytes of output in which progress is looked for. */
const LOOKED_AT = 65_536
/** Characters of the output that the hub is told. */
const TAIL = 4_096

/** Resolves when the command has ended, and the hub has been told or has had its time. */
export async function runTask(options: RunnerOptions): Promise<Ending> {
  const { name, argv, patienceMs, complain, url, login, tls, lostAfterMs } = options
  const begunAt = systemClock.now()
  const begunMs = performance.now()
  const self = {
    id: randomUUID(),
    host: hostname(),
    pid: process.pid,
    started: new Date(begunAt).toISOString(),
  }
  const tail = new Tail(LOOKED_AT)
  // The command begins first: it waits for nothing of the hub's.
  const ended = runCommand(argv, (chunk) => tail.push(chunk))
  const line = new HubLine({
    url,
    login,
    tls,
    task: name,
    id: self.id,
    will: { ...self, reason: RUNNER_DIED },
    lostAfterMs,
    complain,
    // The hub may have given the run up meanwhile. Nothing is said after its end.
    back: () => {
      if (!isOver) line.say('progress', { ...self, ...told })
    },
  })
  let told: JsonObject = {}
  let isOver = false
  await line.start()
  line.say('start', { ...self, command: basename(argv[0] ?? '') })
  const timer = setInterval(() => {
    const found = progressIn(textOf(tail), options.progress)
    if (found === undefined || found.line === told.line || !line.isConnected || line.isBusy) return
    told = { ...found }
    line.say('progress', { ...self, ...told })
  }, PROGRESS_MS)
  const ending = await ended
  clearInterval(timer)
  isOver = true
  line.say(isWell(ending) ? 'done' : 'failed', {
    ...self,
    durationMs: Math.round(performance.now() - begunMs),
    exitCode: ending.signal === null ? ending.code : null,
    signal: ending.signal,
    ...(ending.problem !== null && { reason: ending.problem }),
    ...(options.isTailTold && { tail: stripVTControlCharacters(textOf(tail)).slice(-TAIL).toWellFormed() }),
  })
  await line.end(patienceMs)
  return ending
}

const isWell = ({ code, signal }: Ending): boolean => code === 0 && signal === null

/** What is kept of the output; a first line that is cut is left out. */
function textOf(tail: Tail): string {
  const { bytes, whole } = tail.read()
  const text = bytes.toString()
  return whole > bytes.length ? text.slice(text.search(/[\r\n]/) + 1) : text
}
