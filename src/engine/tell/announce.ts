// Publishes how runs have ended, under `<root>/runs/<rule>`, with what that says about alerts; what alerts have
// become, retained under `<root>/alerts/<key>`; and whether a rule is paused, retained under
// `<root>/rules/<rule>`: at least once each, also through a crash. Once the events
// are committed, the next commit notes that they were published. What has no note is published again at the
// start.

import type { Clock } from '../../base/clock.ts'
import { killPoint } from '../../base/kill-points.ts'
import type { Log } from '../../base/log.ts'
import { printable } from '../../base/printable.ts'
import { alertReport } from '../../alerts/report.ts'
import type { Alert } from '../../model/alert.ts'
import type { Cause, Event, Publication } from '../../model/event.ts'
import { hubMessage } from '../../model/hub-message.ts'
import type { JsonObject } from '../../model/json.ts'
import { PACKET_BYTES } from '../../model/publication-size.ts'
import { pauseReport } from '../../model/rule-pause.ts'
import type { RulePause } from '../../model/rule-pause.ts'
import type { Run, Step } from '../../model/run.ts'
import type { EngineReads } from '../../model/store.ts'
import { alertTopic } from '../../topics/alert-topic.ts'
import { ruleTopic } from '../../topics/rule-topic.ts'
import type { Draft } from '../runs/draft.ts'

/** An engine with nothing else to commit notes what it has announced after this time. */
const NOTE_AFTER_MS = 1_000
/** The most runs whose steps, which may be large, are held at one time. */
const AT_ONCE = 16

export interface AnnouncerPorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly draft: Draft
  /** Commits what the draft holds. */
  readonly flush: () => Promise<void>
  readonly publish: (publication: Publication) => Promise<number>
  /** What the end of a run says about alerts. */
  readonly alertsOf: (run: Run, steps: readonly Step[], depth: number) => readonly Publication[]
  readonly eventHead: EngineReads['eventHead']
}

export class Announcer {
  readonly #ports: AnnouncerPorts
  readonly #underWay = new Set<Promise<void>>()
  #cancelNote: (() => void) | undefined

  constructor(ports: AnnouncerPorts) {
    this.#ports = ports
  }

  /** Must be called when the end of the run is committed. */
  announce(run: Run, steps: readonly Step[], event: Event | undefined): void {
    const { root, draft, alertsOf } = this.#ports
    killPoint('announce')
    const topic = `${root}/runs/${run.rule}`
    const messages = [
      messageOn(topic, run, steps, event),
      ...alertsOf(run, steps, (event?.cause?.depth ?? 0) + 1),
    ]
    this.#begin(messages, `The end of run ${run.id}`, () => draft.announced(run.id))
  }

  /** Must be called when the alert is committed as it is. */
  announceAlert(alert: Alert): void {
    const { root, draft } = this.#ports
    killPoint('alert')
    const cause = this.#because(alert.event)
    const message = hubMessage(alertTopic(alert.key, root), alertReport(alert), { retain: true, cause })
    this.#begin([message], `The state of the alert "${printable(alert.key)}"`, () =>
      draft.alertPublished(alert),
    )
  }

  /** Must be called when the pause is committed as it is. */
  announceRulePause(pause: RulePause): void {
    const { root, draft } = this.#ports
    const cause = this.#because(pause.event)
    const message = hubMessage(ruleTopic(pause.rule, root), pauseReport(pause), { retain: true, cause })
    this.#begin([message], `The pause of the rule "${printable(pause.rule)}"`, () =>
      draft.rulePausePublished(pause),
    )
  }

  #because(event: number): Cause {
    return { event, run: null, depth: (this.#ports.eventHead(event)?.cause?.depth ?? 0) + 1 }
  }

  /** Announces the runs that ended before this start and may not have been announced. */
  async announceMissed(
    reads: Pick<EngineReads, 'unannouncedRuns' | 'unpublishedAlerts' | 'unpublishedRulePauses' | 'event'>,
  ): Promise<void> {
    for (const alert of reads.unpublishedAlerts()) this.announceAlert(alert)
    for (const pause of reads.unpublishedRulePauses()) this.announceRulePause(pause)
    for (let before: number | undefined; ;) {
      const missed = reads.unannouncedRuns(AT_ONCE)
      // Nothing could be published at this moment: the next start tries again.
      if (missed.length === 0 || missed[0]?.run.id === before) return
      before = missed[0]?.run.id
      for (const { run, steps } of missed) this.announce(run, steps, reads.event(run.event))
      await this.allAnnounced()
    }
  }

  /** Resolves when all is published and noted. */
  async allAnnounced(): Promise<void> {
    await Promise.all(this.#underWay)
    this.#cancelNote?.()
    this.#cancelNote = undefined
    await this.#ports.flush()
  }

  #begin(messages: readonly Publication[], what: string, note: () => void): void {
    const publishing = this.#publish(messages, what, note)
    this.#underWay.add(publishing)
    void publishing.finally(() => this.#underWay.delete(publishing))
  }

  async #publish(messages: readonly Publication[], what: string, note: () => void): Promise<void> {
    const { clock, log, publish, flush } = this.#ports
    try {
      await Promise.all(messages.map((message) => publish(message)))
    } catch (error) {
      log.warn({ err: error }, `${what} could not be published. The next start tries again.`)
      return
    }
    note()
    this.#cancelNote ??= clock.after(NOTE_AFTER_MS, () => {
      this.#cancelNote = undefined
      void flush()
    })
  }
}

/**
 * A message beyond this size shows steps without their results, and beyond it again no steps; "vigie run
 * show" has them.
 */
const LARGEST_REPORT = PACKET_BYTES / 2

/** Returns the message that says how a run has ended, of a size that the broker accepts. */
function messageOn(topic: string, run: Run, steps: readonly Step[], event: Event | undefined): Publication {
  const cause = { event: run.event, run: run.id, depth: (event?.cause?.depth ?? 0) + 1 }
  const told = steps.map(stepReport)
  const whole = hubMessage(topic, report(run, told, event), { cause })
  if (whole.payload.length <= LARGEST_REPORT) return whole
  const heads = told.map(({ path = null, kind = null, state = null }) => ({ path, kind, state }))
  const short = hubMessage(topic, { ...report(run, heads, event), truncated: true }, { cause })
  if (short.payload.length <= LARGEST_REPORT) return short
  return hubMessage(topic, { ...report(run, [], event), truncated: true }, { cause })
}

const report = (run: Run, steps: readonly JsonObject[], event: Event | undefined): JsonObject => ({
  run: run.id,
  rule: run.rule,
  key: run.key,
  event: run.event,
  topic: event?.topic ?? null,
  state: run.state,
  plannedAt: isoDate(run.plannedAt),
  startedAt: isoDate(run.startedAt),
  endedAt: isoDate(run.endedAt),
  ...(run.reason !== null && { reason: run.reason }),
  steps,
})

function stepReport({ path, spec, state, attempt, outcome }: Step): JsonObject {
  const reason = outcome && outcome.kind !== 'done' ? outcome.reason : undefined
  return {
    path,
    kind: spec?.kind ?? null,
    state,
    attempts: attempt,
    ...(reason !== undefined && { reason }),
    ...(outcome?.result && { result: outcome.result }),
  }
}

const isoDate = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())
