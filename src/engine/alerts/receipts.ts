// Acknowledgements that people give in the service of a channel, such as Pushover: the service is asked about
// each notification that it shows while one of its alerts fires. What it answers becomes a command, as
// anybody may give it.
//
// Always: the command is committed before it is remembered that the service has answered, so that no
// acknowledgement is lost in a crash; given twice, it is as true as once. What is remembered keeps an old
// answer from acknowledging anew what somebody has taken back.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { printable } from '../../base/printable.ts'
import type { ShownFiring } from '../../alerts/notifications.ts'
import type { Asked } from '../../channels/channel.ts'
import type { Channel } from '../../channels/open.ts'
import type { Publication } from '../../model/event.ts'
import type { Json } from '../../model/json.ts'
import { hubMessage } from '../../model/hub-message.ts'
import { Disclosure } from '../../secrets/secrets.ts'
import type { Secrets } from '../../secrets/secrets.ts'
import { alertCommandTopic } from '../../topics/alert-topic.ts'

/** The time between two looks at what is to be asked. */
const LOOK_EVERY_MS = 5_000
/** One question may take so long. */
const PATIENCE_MS = 20_000
/** Questions under way at one time. */
const AT_ONCE = 8
/** The pause after a question that failed doubles from the first up to the second. */
const PAUSE_MS = { least: 15_000, most: 10 * 60_000 } as const

/** The answers that were taken: the handle that was acknowledged, by the id of its notification. */
export interface ReceiptStore {
  readonly ids: () => readonly string[]
  readonly read: (id: string) => Json | undefined
  readonly keep: (id: string, handle: Json) => void
  readonly drop: (id: string) => void
  /** Resolves when all is committed. */
  readonly flush: () => Promise<void>
}

export interface ReceiptPorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly channels: ReadonlyMap<string, Pick<Channel, 'ask'>>
  readonly secrets: Secrets
  /** What people were told over a service, and still fires. */
  readonly shownFiring: () => readonly ShownFiring[]
  readonly store: ReceiptStore
  /** Resolves when committed. */
  readonly publish: (publication: Publication) => Promise<number>
}

/** What is known of one handle of a notification. */
interface Question {
  /** By the clock that nobody sets; `Infinity`: never again. */
  askAt: number
  pauseMs: number
}

export class Receipts {
  readonly #ports: ReceiptPorts
  /** By what names a handle. */
  #questions = new Map<string, Question>()
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #over = new AbortController()
  #cancel: (() => void) | undefined

  constructor(ports: ReceiptPorts) {
    this.#ports = ports
  }

  start(): void {
    if (this.#ports.channels.size > 0) this.#look()
  }

  async stop(): Promise<void> {
    this.#cancel?.()
    this.#over.abort(new Error('the hub is stopping'))
    await Promise.all(this.#underWay.values())
  }

  #look(): void {
    const { clock, shownFiring } = this.#ports
    const shown = new Map(shownFiring().map((each) => [nameOf(each), each]))
    this.#forget(shown)
    const now = clock.steady()
    for (const [name, each] of shown) {
      const question = this.#questions.get(name) ?? { askAt: now, pauseMs: PAUSE_MS.least }
      this.#questions.set(name, question)
      if (this.#underWay.size >= AT_ONCE) break
      if (question.askAt > now || this.#underWay.has(name) || this.#isAnswered(each)) continue
      const asking = this.#ask(name, each, question).finally(() => this.#underWay.delete(name))
      this.#underWay.set(name, asking)
    }
    this.#cancel = clock.after(LOOK_EVERY_MS, () => this.#look())
  }

  /** What is shown no longer is not asked about, and no answer to it remembered. */
  #forget(shown: ReadonlyMap<string, ShownFiring>): void {
    this.#questions = new Map([...this.#questions].filter(([name]) => shown.has(name)))
    const { store } = this.#ports
    const live = new Set(Array.from(shown.values(), ({ id }) => id))
    for (const id of store.ids()) if (!live.has(id)) store.drop(id)
  }

  #isAnswered({ id, handle }: ShownFiring): boolean {
    return JSON.stringify(this.#ports.store.read(id)) === JSON.stringify(handle)
  }

  async #ask(name: string, shown: ShownFiring, question: Question): Promise<void> {
    const { clock, log } = this.#ports
    const { channel } = shown
    const again = (afterMs: number): void => void (question.askAt = clock.steady() + afterMs)
    const later = (reason: string, afterMs = 0): void => {
      log.warn(`Nobody knows whether an alert was acknowledged over the channel "${channel}": ${reason}.`)
      again(Math.max(afterMs, question.pauseMs))
      question.pauseMs = Math.min(2 * question.pauseMs, PAUSE_MS.most)
    }
    try {
      const asked = await this.#answerTo(shown)
      switch (asked.kind) {
        case 'open':
          question.pauseMs = PAUSE_MS.least
          return again(asked.afterMs)
        case 'acknowledged':
          return await this.#acknowledge(name, asked)
        case 'later':
          return later(asked.reason, asked.afterMs)
        case 'bad':
        case 'gone':
          log.warn(`The channel "${channel}" cannot tell who acknowledges alerts: ${asked.reason}.`)
          return again(Infinity)
        case 'closed':
          return again(Infinity)
      }
      return asked satisfies never
    } catch (error) {
      if (!this.#over.signal.aborted) later(printable((error as Error).message, 1_000))
    }
  }

  async #answerTo({ channel, handle }: ShownFiring): Promise<Asked> {
    const { clock, channels, secrets } = this.#ports
    const late = new AbortController()
    const cancel = clock.after(PATIENCE_MS, () => late.abort(new Error('there was no answer in time')))
    const asking = {
      signal: AbortSignal.any([this.#over.signal, late.signal]),
      disclosure: new Disclosure(secrets),
      clock,
    }
    try {
      return (await channels.get(channel)?.ask(handle, asking)) ?? { kind: 'closed' }
    } finally {
      cancel()
    }
  }

  /** Acknowledges what that notification shows by now, unless people were told anew meanwhile. */
  async #acknowledge(name: string, { by }: Extract<Asked, { kind: 'acknowledged' }>): Promise<void> {
    const { root, store, publish, shownFiring } = this.#ports
    const shown = shownFiring().find((each) => nameOf(each) === name)
    if (shown === undefined) return
    const { id, channel, handle, firing } = shown
    const who = `the channel "${channel}"${by === undefined ? '' : `, ${printable(by, 80)}`}`
    await Promise.all(
      firing.map((key) => publish(hubMessage(alertCommandTopic(key, 'ack', root), { by: who }))),
    )
    store.keep(id, handle)
    await store.flush()
  }
}

const nameOf = ({ id, handle }: ShownFiring): string => `${id} ${JSON.stringify(handle)}`
