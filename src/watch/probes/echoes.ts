// ICMP echoes for many hosts through one run of the program `fping`, where it is installed. What is asked
// within a quarter of a second goes together: a process for each check costs some 15 ms of a core, which is
// half a core for a thousand hosts every 30 s.

import { spawn } from 'node:child_process'
import { isIP } from 'node:net'
import { createInterface } from 'node:readline'
import type { Check } from './check.ts'

const GATHERED_MS = 250
/** Addresses of one run. */
const MOST = 256
/** From this exit status on, fping could not do its work; below, hosts did not reply. */
const USELESS = 3
/** So long nobody asks an fping that is missing, or that could not do its work. */
const REST_MS = 10 * 60_000

interface Question {
  readonly address: string
  readonly signal: AbortSignal
  /** `null`: fping cannot tell. */
  readonly answer: (check: Check | null) => void
}

export class Echoes {
  readonly #program: string
  /** What is gathered, by timeout. */
  readonly #gathered = new Map<number, Question[]>()
  readonly #elapsedMs: () => number
  #restsUntil = -Infinity

  /** @param elapsedMs since some moment */
  constructor(program = 'fping', elapsedMs = () => performance.now()) {
    this.#program = program
    this.#elapsedMs = elapsedMs
  }

  /**
   * Whether the host at an IP address replies; `null` when there is no fping that can tell.
   * @throws the signal's reason when that is aborted
   */
  ask(address: string, timeoutMs: number, signal: AbortSignal): Promise<Check | null> {
    if (this.#elapsedMs() < this.#restsUntil || isIP(address) === 0) return Promise.resolve(null)
    signal.throwIfAborted()
    const { promise, resolve: answer, reject } = Promise.withResolvers<Check | null>()
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    const others = this.#gathered.get(timeoutMs)
    if (others) others.push({ address, signal, answer })
    else {
      this.#gathered.set(timeoutMs, [{ address, signal, answer }])
      setTimeout(() => this.#runAll(timeoutMs), GATHERED_MS)
    }
    return promise
  }

  #runAll(timeoutMs: number): void {
    const questions = (this.#gathered.get(timeoutMs) ?? []).filter(({ signal }) => !signal.aborted)
    this.#gathered.delete(timeoutMs)
    while (questions.length > 0) this.#run(questions.splice(0, MOST), timeoutMs)
  }

  #rest(): void {
    this.#restsUntil = this.#elapsedMs() + REST_MS
  }

  #run(questions: readonly Question[], timeoutMs: number): void {
    const open = Map.groupBy(questions, ({ address }) => address)
    const manner = ['-c', '1', '-r', '0', '-i', '1', '-t', String(Math.ceil(timeoutMs))]
    const child = spawn(this.#program, [...manner, ...open.keys()], {
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const answer = (address: string, check: Check | null): void => {
      for (const question of open.get(address) ?? []) question.answer(check)
      open.delete(address)
    }
    const answerAll = (check: Check | null): void => {
      for (const address of open.keys()) answer(address, check)
    }
    for (const { signal } of questions)
      signal.addEventListener('abort', () => {
        if ([...open.values()].flat().every((question) => question.signal.aborted)) child.kill('SIGKILL')
      })
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, address = '', latency] = REPLY.exec(line) ?? []
      if (latency !== undefined) answer(address, { kind: 'good', latencyMs: Number(latency) })
    })
    child.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ENOENT' || code === 'EACCES') this.#rest()
      answerAll(null)
    })
    child.once('close', (status) => {
      if (status !== null && status >= USELESS) this.#rest()
      // Without a status it was killed, and says nothing of the hosts that had not replied yet.
      const isTold = status !== null && status < USELESS
      answerAll(isTold ? { kind: 'failed', reason: 'no reply' } : null)
    })
  }
}

/** `10.0.0.1 : [0], 64 bytes, 0.104 ms (0.10 avg, 0% loss)` */
const REPLY = /^(\S+)\s*: \[0\], \d+ bytes, ([\d.]+) ms/
