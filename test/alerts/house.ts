// A board with channels that a test can take down: whatever is due is told at once, or when the channel is up again.

import { Board } from '../../src/alerts/board.ts'
import type { BoardAnswer } from '../../src/alerts/board.ts'
import { heardIn } from '../../src/alerts/command.ts'
import { wordsOf } from '../../src/alerts/words.ts'
import type { Alert, AlertFlip, NotificationRecord, Silence } from '../../src/model/alert.ts'
import { NO_ALERT_SETTINGS, routeToAll } from '../../src/model/alert-settings.ts'
import type { AlertRoute, AlertSettings } from '../../src/model/alert-settings.ts'
import type { Event } from '../../src/model/event.ts'
import type { Notification } from '../../src/model/notification.ts'
import { alertCommandTopic } from '../../src/topics/alert-topic.ts'

export interface Told {
  readonly channel: string
  readonly notification: Notification
}

export const route = (channels: readonly string[], more: Partial<AlertRoute> = {}): AlertRoute => ({
  ...routeToAll(channels),
  ...more,
})

export class House {
  now: number
  board: Board
  readonly told: Told[] = []
  readonly down = new Set<string>()
  readonly alerts = new Map<string, Alert>()
  readonly flips: AlertFlip[] = []
  readonly silences = new Map<string, Silence>()
  readonly notifications = new Map<string, NotificationRecord>()
  readonly #runs = new Map<number, Pick<NotificationRecord, 'channel' | 'subject'>>()
  #lastRun = 0
  #lastEvent = 0
  readonly #settings: AlertSettings

  constructor(settings: Partial<AlertSettings> = {}, channels = ['phone'], now = 0) {
    this.now = now
    const specs = Object.fromEntries(channels.map((name) => [name, { kind: 'fake', settings: {} }]))
    this.#settings = { ...NO_ALERT_SETTINGS, channels: specs, ...settings }
    this.board = this.#newBoard()
  }

  /** Another board takes over what this one has written down, as after a restart. */
  restart(): void {
    this.board = this.#newBoard()
    const live = [...this.notifications.values()].filter(({ isClosed }) => !isClosed)
    const named = new Set(live.flatMap(({ alerts }) => alerts))
    const held = [...this.alerts.values()].filter(({ key, state }) => state !== 'resolved' || named.has(key))
    this.board.restore(json(held), json([...this.silences.values()]), json(live), this.now)
  }

  say(key: string, verb: string, payload?: object, more: Partial<Event> = {}): BoardAnswer | string | null {
    const heard = heardIn(commandEvent(key, verb, payload, { at: this.now, ...more }), 'vigie')
    if (heard === null || typeof heard === 'string') return heard
    const answer = this.board.take(heard, { at: this.now, event: ++this.#lastEvent, cause: null })
    return answer
  }

  raise(key: string, more: object = {}): void {
    this.say(key, 'raise', { title: `${key} is wrong`, ...more })
  }

  /** What is due is done, and told over the channels that are up. */
  settle(): void {
    while (this.board.wake(this.now));
    for (const [run, ref] of this.#runs) {
      if (this.down.has(ref.channel)) continue
      this.#runs.delete(run)
      const content = this.board.notifications.content(ref, run, this.now, false)
      if (content === null) this.board.notifications.untold(ref, run, this.now)
      else {
        this.told.push({ channel: ref.channel, notification: wordsOf(content, this.now, () => ({})) })
        this.board.notifications.told(ref, { at: this.now, run, alerts: content.alerts }, null, this.now)
      }
    }
  }

  /** Channels give up what they were to tell. */
  giveUp(): void {
    for (const [run, ref] of this.#runs) this.board.notifications.gaveUp(ref, run, this.now)
    this.#runs.clear()
  }

  /** Time passes, and what falls due is done; channels tell nothing yet. */
  pass(lengthMs: number): void {
    this.now += lengthMs
    while (this.board.wake(this.now));
  }

  advance(lengthMs: number): void {
    const target = this.now + lengthMs
    this.settle()
    for (let at = this.board.nextWakeAt; at !== null && at <= target; at = this.board.nextWakeAt) {
      this.now = Math.max(this.now, at)
      this.settle()
    }
    this.now = target
  }

  state(key: string): string | undefined {
    return this.alerts.get(key)?.state
  }

  /** What was told since it was asked last, such as `phone news: nas is down`. */
  heard(): string[] {
    this.settle()
    return this.told
      .splice(0)
      .map(({ channel, notification: { occasion, title } }) => `${channel} ${occasion}: ${title}`)
  }

  #newBoard(): Board {
    return new Board({
      settings: this.#settings,
      stored: (key) => this.alerts.get(key),
      tell: ({ channel, subject }) => {
        this.#runs.set(++this.#lastRun, { channel, subject })
        return this.#lastRun
      },
      sink: {
        alert: (alert) => this.alerts.set(alert.key, alert),
        flip: (flip) => this.flips.push(flip),
        silence: (name, silence) =>
          silence === null ? this.silences.delete(name) : this.silences.set(name, silence),
        notification: (one) => this.notifications.set(`${one.channel} ${one.subject}`, one),
      },
    })
  }
}

const json = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

export const commandEvent = (
  key: string,
  verb: string,
  payload?: object,
  more: Partial<Event> = {},
): Event => ({
  id: 1,
  at: 0,
  topic: alertCommandTopic(key, verb),
  payload: payload === undefined ? new Uint8Array(0) : Buffer.from(JSON.stringify(payload)),
  qos: 1,
  retain: false,
  origin: 'hub',
  client: null,
  properties: null,
  cause: null,
  recorded: true,
  ...more,
})
