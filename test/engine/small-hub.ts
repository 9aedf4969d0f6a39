// A hub without a network: the real journal and the real engine in their threads, with events appended by the test.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { silentLog } from '../../src/base/log.ts'
import { startEngine } from '../../src/engine/supervise/client.ts'
import type { Engine, EngineOptions } from '../../src/engine/supervise/client.ts'
import { OwnAlerts } from '../../src/engine/supervise/own-alerts.ts'
import { openJournal } from '../../src/journal/thread/client.ts'
import type { Journal } from '../../src/journal/thread/client.ts'
import { openQueries } from '../../src/journal/queries/queries.ts'
import type { Event, Publication } from '../../src/model/event.ts'
import { jsonIn } from '../../src/model/hub-message.ts'
import type { Run, Step } from '../../src/model/run.ts'
import type { Queries } from '../../src/model/queries.ts'
import type { RetainedHead } from '../../src/model/store.ts'

const log = { level: process.env['VIGIE_TEST_LOG'] === undefined ? 'silent' : 'info', pretty: false } as const

export interface Message {
  readonly topic: string
  readonly payload: Readonly<Record<string, unknown>>
}

export class SmallHub {
  readonly rulesDir: string
  readonly dataDir: string
  readonly #root: string
  #journal: Journal | undefined
  #engine: Engine | undefined
  #queries: Queries | undefined
  readonly #published: Message[] = []
  #committed: (() => void)[] = []
  #listeners = new Set<() => void>()
  interest: readonly string[] = []

  constructor(files: Record<string, string> = {}) {
    this.#root = mkdtempSync(join(tmpdir(), 'vigie-engine-'))
    this.rulesDir = join(this.#root, 'rules')
    this.dataDir = join(this.#root, 'data')
    mkdirSync(this.rulesDir)
    this.write(files)
  }

  /** A file outside of the rules folder, for actions to leave something in. */
  path(name: string): string {
    return join(this.#root, name)
  }

  touch(name: string): void {
    writeFileSync(this.path(name), '')
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8')
  }

  /** Resolves when a program has written to this file. */
  async fileAppears(name: string): Promise<void> {
    if (existsSync(this.path(name))) return
    const watching = new AbortController()
    for await (const _ of watch(this.#root, watching)) if (existsSync(this.path(name))) return
  }

  write(files: Record<string, string>): void {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.rulesDir, file)), { recursive: true })
      writeFileSync(join(this.rulesDir, file), text)
    }
  }

  /** Only the journal: for `send`, and for what a test writes itself. */
  async openJournal(): Promise<Journal> {
    const journal = await openJournal({ dataDir: this.dataDir, durability: 'normal', log })
    this.#journal = journal
    journal.eventLog.onCommitted(() => {
      for (const tell of this.#committed.splice(0)) tell()
    })
    return journal
  }

  async start(options: Partial<EngineOptions> = {}): Promise<Engine> {
    const journal = await this.openJournal()
    this.#engine = await startEngine({
      rulesDir: this.rulesDir,
      dataDir: this.dataDir,
      root: 'vigie',
      log,
      engineEnd: () => journal.engineEnd(),
      ownAlerts: new OwnAlerts({
        root: 'vigie',
        log: silentLog,
        publish: (publication) => this.#publish(publication),
        left: journal.openAlerts,
      }),
      publish: (publication) => this.#publish(publication),
      recall: (messages) => this.#recall(messages),
      lastEventId: () => journal.eventLog.lastId,
      setInterest: (filters) => {
        this.interest = filters
      },
      ...options,
    })
    return this.#engine
  }

  get engine(): Engine {
    return this.#engine!
  }

  get queries(): Queries {
    return (this.#queries ??= openQueries(this.dataDir))
  }

  /** What the engine has published in the hub's name, newest last. */
  get published(): readonly Message[] {
    return this.#published
  }

  /** A message of a client; resolves when it is committed. */
  async send(topic: string, payload: unknown = '', more: Partial<Event> = {}): Promise<number> {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
    const id = this.#journal!.eventLog.append({
      at: Date.now(),
      topic,
      payload: Buffer.from(text),
      qos: 1,
      retain: false,
      origin: 'live',
      client: 'test',
      properties: null,
      cause: null,
      recorded: true,
      ...more,
    })
    await this.#committedUpTo(id)
    return id
  }

  /** Resolves with what `look` finds once it finds something, asked again whenever the engine has published. */
  async until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#listeners.add(resolve))
    }
  }

  /** The payload of the first message that the engine publishes on a topic, past or to come. */
  message(topic: string, matches: (payload: Message['payload']) => boolean = () => true) {
    return this.until(
      () => this.published.find((each) => each.topic === topic && matches(each.payload))?.payload,
    )
  }

  /** The run that an event has led to, when it has ended. */
  async runOf(rule: string, event: number): Promise<{ readonly run: Run; readonly steps: readonly Step[] }> {
    const ended = await this.message(`vigie/runs/${rule}`, (payload) => payload['event'] === event)
    return this.queries.run(ended['run'] as number)!
  }

  async stop(): Promise<void> {
    await this.#engine?.stop()
    await this.#journal?.stop()
    this.#queries?.close()
    this.#queries = this.#engine = this.#journal = undefined
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.#root, { recursive: true })
  }

  /** As the broker does it. */
  async #recall(messages: readonly RetainedHead[]): Promise<void> {
    for (const { topic, event } of messages) {
      const { payload } = this.queries.event(event)!
      const cause = { event, run: null, depth: 1 }
      await this.send(topic, Buffer.from(payload).toString(), {
        qos: 0,
        origin: 'retained',
        client: null,
        cause,
      })
    }
  }

  async #publish(publication: Publication): Promise<number> {
    const id = this.#journal!.eventLog.append({
      ...publication,
      at: Date.now(),
      client: null,
      properties: null,
      recorded: true,
    })
    await this.#committedUpTo(id)
    const { topic, payload } = publication
    if (topic.startsWith('vigie/'))
      this.#published.push({
        topic,
        payload: (jsonIn(payload) ?? {}) as Message['payload'],
      })
    for (const tell of this.#listeners) tell()
    this.#listeners.clear()
    return id
  }

  async #committedUpTo(id: number): Promise<void> {
    while (this.#journal!.eventLog.committedId < id)
      await new Promise<void>((resolve) => this.#committed.push(resolve))
  }
}
