// The pool that runs test files: in processes, as vitest's own "forks". What such a process and its children (hubs,
// engines that V8 aborts, foreign programs) print is kept, and shown only where a test fails in one of its files.

import { Writable } from 'node:stream'
import {
  ForksPoolWorker,
  type PoolOptions,
  type TestModule,
  type Vitest,
  type WorkerRequest,
} from 'vitest/node'

export const quietForks = {
  name: 'quiet-forks',
  createPoolWorker: (options: PoolOptions) => new QuietForksWorker(options),
}

/** Bytes of one process's output that are kept: its end tells more than its beginning. */
const KEPT_BYTES = 256 * 1024

class QuietForksWorker extends ForksPoolWorker {
  override readonly name = quietForks.name
  readonly #vitest: Vitest
  readonly #output: KeptOutput
  readonly #files: string[] = []

  constructor(options: PoolOptions) {
    const output = new KeptOutput()
    const logger = { outputStream: output, errorStream: output }
    super({ ...options, project: { vitest: { logger } } as unknown as PoolOptions['project'] })
    this.#vitest = options.project.vitest
    this.#output = output
  }

  override send(message: WorkerRequest): void {
    if (message.type === 'run') this.#files.push(...message.context.files.map(({ filepath }) => filepath))
    super.send(message)
  }

  override async start(): Promise<void> {
    await super.start()
    // A process that was brought down is not stopped: only this tells.
    this.on('close', () => this.#show())
  }

  override async stop(): Promise<void> {
    await super.stop()
    this.#show()
  }

  #show(): void {
    const modules = this.#vitest.state.getTestModules(this.#files)
    // A file whose process was brought down has no end: its state is neither.
    const isWell = (module: TestModule): boolean => ['passed', 'skipped'].includes(module.state())
    const text = this.#output.take()
    const unwell = modules.filter((module) => !isWell(module)).map(({ moduleId }) => moduleId)
    if ((unwell.length === 0 && modules.length > 0) || text === '') return
    const named = unwell.length > 0 ? unwell : this.#files
    const others = this.#files.length - named.length
    const names = `${named.join(', ')}${others === 0 ? '' : ` or ${others} files before in its process,`}`
    this.#vitest.logger.outputStream.write(`\nPrinted by ${names} and its child processes:\n${text}\n`)
  }
}

class KeptOutput extends Writable {
  readonly #chunks: Buffer[] = []
  #bytes = 0

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    while (this.#bytes > KEPT_BYTES && this.#chunks.length > 1) this.#bytes -= this.#chunks.shift()!.length
    done()
  }

  take(): string {
    this.#bytes = 0
    return Buffer.concat(this.#chunks.splice(0)).toString()
  }
}
