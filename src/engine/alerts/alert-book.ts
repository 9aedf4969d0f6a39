// The alerts of an engine: commands about them are taken from the journal in order, like the events of rules;
// what follows is put into the draft, and is committed together with the cursor. Telling people is a run of
// the hub's own, opened in the same commit.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { printable } from '../../base/printable.ts'
import { Board } from '../../alerts/board.ts'
import type { BoardAnswer } from '../../alerts/board.ts'
import { heardIn } from '../../alerts/command.ts'
import type { NotificationRef } from '../../alerts/live-notifications.ts'
import type { Content, ShownFiring } from '../../alerts/notifications.ts'
import { alertReport } from '../../alerts/report.ts'
import type { NotificationRecord, ToldState } from '../../model/alert.ts'
import type { AlertSettings } from '../../model/alert-settings.ts'
import type { Earlier } from '../../model/clock-behind.ts'
import type { Event } from '../../model/event.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import { ALERT_RULE } from '../../model/run.ts'
import type { EngineReads } from '../../model/store.ts'
import { alertCommandIn } from '../../topics/alert-topic.ts'
import { fromHead } from '../runs/light-event.ts'
import type { OpenRun } from '../runs/open-run.ts'
import { OWN_STEP_MS, OwnRuns, userOf } from '../steps/own-runs.ts'
import type { OwnRunPorts } from '../steps/own-runs.ts'

export interface AlertBookPorts extends OwnRunPorts {
  readonly root: string
  readonly settings: AlertSettings
  readonly clock: Clock
  readonly log: Log
  readonly reads: Pick<
    EngineReads,
    'alert' | 'heldAlerts' | 'silences' | 'liveNotifications' | 'event' | 'eventHead' | 'lastOn'
  >
  /** Events with which engines ended: they are passed over. */
  readonly setAside: ReadonlySet<number>
}

/** The part of a result of a telling that the book reads again. */
type TellingResult = {
  readonly told: { readonly at: number; readonly alerts: ToldState['alerts'] } | null
  readonly handle: Json
}

export class AlertBook {
  readonly #ports: AlertBookPorts
  readonly #board: Board
  readonly #runs: OwnRuns
  /** The event that is at hand: it is in the history, whatever else is not. */
  #atHand: Event | undefined

  constructor(ports: AlertBookPorts) {
    const { settings, draft, reads } = ports
    this.#ports = ports
    this.#runs = new OwnRuns(ALERT_RULE, ports)
    this.#board = new Board({
      settings,
      sink: {
        alert: (alert) => draft.alert(alert),
        flip: (flip) => draft.alertFlip(flip),
        silence: (name, silence) => draft.silence(name, silence),
        notification: (notification) => draft.notification(notification),
      },
      stored: (key) => reads.alert(key),
      tell: (notification, at) => this.#tell(notification, at),
    })
  }

  /** Takes over what the store holds. */
  restore(): void {
    const { reads, clock } = this.#ports
    this.#board.restore(reads.heldAlerts(), reads.silences(), reads.liveNotifications(), clock.now())
  }

  /** Whether the topic is that of a command. */
  hears(topic: string): boolean {
    return alertCommandIn(topic, this.#ports.root) !== null
  }

  isOpen(key: string): boolean {
    return this.#board.isOpen(key)
  }

  take(event: Event): void {
    const { root, log, setAside, reads } = this.#ports
    if (!this.hears(event.topic) || setAside.has(event.id)) return
    const heard = heardIn(event, root, (said) => userOf(said, root, reads))
    if (heard === null) return
    this.#atHand = event
    const said = { at: event.at, event: event.id, cause: this.#causeOf(event) }
    const answer =
      typeof heard === 'string' ? ({ ok: false, reason: heard } as const) : this.#board.take(heard, said)
    const isOwn = event.origin === 'hub'
    // A rule may say that all is well whenever it is.
    const isRefused = !answer.ok && !(isOwn && typeof heard !== 'string' && heard.command.verb === 'resolve')
    if (isRefused)
      log.warn(
        { event: event.id },
        `The command on ${printable(event.topic)} was refused: ${printable(answer.reason, 1_000)}.`,
      )
    if (!isOwn) this.#runs.answer(event, answerJson(answer))
    this.#atHand = undefined
  }

  get nextWakeAt(): number | null {
    return this.#board.nextWakeAt
  }

  /** Does the earliest that is due by then. Returns whether there was anything. */
  wake(now: number): boolean {
    return this.#board.wake(now)
  }

  clockSet(fromAt: number, toAt: number, earlier?: Earlier): void {
    this.#board.clockSet(fromAt, toAt, earlier)
  }

  /** See `Notifications.shownFiring`. */
  shownFiring(): readonly ShownFiring[] {
    return this.#board.notifications.shownFiring()
  }

  /** See `Notifications.content`. */
  content(ref: NotificationRef, run: number, isUncertain: boolean): Content | null {
    return this.#board.notifications.content(ref, run, this.#ports.clock.now(), isUncertain)
  }

  /** A run has ended; if it was a telling, what came of it is put into the same draft. */
  ended({ run, steps }: OpenRun): void {
    const [step] = steps
    if (run.rule !== ALERT_RULE || step?.spec?.kind !== 'notify') return
    const { notifications } = this.#board
    const now = this.#ports.clock.now()
    if (step.outcome?.kind !== 'done' || run.state !== 'done')
      return notifications.gaveUp(step.spec, run.id, now)
    const { told = null, handle = null } = step.outcome.result as Partial<TellingResult>
    if (told === null) notifications.untold(step.spec, run.id, now)
    else notifications.told(step.spec, { ...told, run: run.id }, handle, now)
  }

  #causeOf({ origin, cause }: Event): { readonly event: number; readonly topic: string } | null {
    if (origin !== 'hub' || cause === null) return null
    const head = this.#ports.reads.eventHead(cause.event)
    return head === undefined ? null : { event: head.id, topic: head.topic }
  }

  #tell({ channel, subject, event }: NotificationRecord, at: number): number {
    const { reads, settings } = this.#ports
    const head = event === this.#atHand?.id ? undefined : reads.eventHead(event)
    const because = head === undefined ? this.#atHand : fromHead(head, reads)
    if (because === undefined) throw new Error(`The event ${event} of a notification is not in the history.`)
    const spec = { kind: 'notify', channel, subject, timeoutMs: OWN_STEP_MS, retry: settings.retry } as const
    return this.#runs.plan(`${channel}/${subject}`, because, spec, at)
  }
}

function answerJson(answer: BoardAnswer): JsonObject {
  if (!answer.ok) return { ok: false, reason: answer.reason }
  const { alert, silence } = answer
  return {
    ok: true,
    ...(alert && { alert: alertReport(alert) }),
    ...(silence && {
      silence: { name: silence.name, match: silence.match, until: new Date(silence.untilAt).toISOString() },
    }),
  }
}
