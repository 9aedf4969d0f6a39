// The rules that people have paused: commands about them are taken from the journal in order, like events of
// rules; what follows is put into the draft, and is committed together with the cursor.
//
// Always: for the timers of a rule, its pause is a downtime. They are told of it when it is over; nothing wakes
// them before.

import { WakeQueue } from '../../base/wake-queue.ts'
import type { Log } from '../../base/log.ts'
import { nearMiss } from '../../base/near-miss.ts'
import { printable } from '../../base/printable.ts'
import type { Earlier } from '../../model/clock-behind.ts'
import type { Event } from '../../model/event.ts'
import type { JsonObject } from '../../model/json.ts'
import { shiftMoments } from '../../model/moments.ts'
import { pauseReport, RULES_RULE } from '../../model/rule-pause.ts'
import type { RuleAnswer, RulePause } from '../../model/rule-pause.ts'
import { speakerOf } from '../../model/speaker.ts'
import type { EngineReads } from '../../model/store.ts'
import { ruleCommandIn } from '../../topics/rule-topic.ts'
import { OwnRuns, userOf } from '../steps/own-runs.ts'
import type { OwnRunPorts } from '../steps/own-runs.ts'
import { ruleCommand } from './rule-command.ts'
import type { RuleCommand } from './rule-command.ts'

export interface RulePausePorts extends OwnRunPorts {
  readonly root: string
  readonly log: Log
  readonly reads: Pick<EngineReads, 'event' | 'lastOn' | 'rulePauses'>
  /** The names of the rules in force that can be paused: those of the hub's own and of commands cannot. */
  readonly ruleNames: readonly string[]
  /** Events with which engines ended: they are passed over. */
  readonly setAside: ReadonlySet<number>
  /** A pause is over: the timers of the rule are to be told. */
  readonly ended: (rule: string, fromAt: number, toAt: number) => void
}

export class RulePauses {
  readonly #ports: RulePausePorts
  readonly #runs: OwnRuns
  readonly #pauses = new Map<string, RulePause>()
  readonly #ends = new WakeQueue<string>((rule) => rule)

  constructor(ports: RulePausePorts) {
    this.#ports = ports
    this.#runs = new OwnRuns(RULES_RULE, ports)
  }

  /** Takes over what the store holds. */
  restore(): void {
    for (const pause of this.#ports.reads.rulePauses()) this.#hold(pause)
  }

  /** Whether the topic is that of a command. */
  hears(topic: string): boolean {
    return ruleCommandIn(topic, this.#ports.root) !== null
  }

  /** The pause of a rule; `undefined` when it is not paused. */
  of(rule: string): RulePause | undefined {
    const pause = this.#pauses.get(rule)
    return pause?.state === 'paused' ? pause : undefined
  }

  /** Pauses that go on. */
  get all(): readonly RulePause[] {
    return [...this.#pauses.values()].filter(({ state }) => state === 'paused')
  }

  take(event: Event): void {
    const { root, log, setAside } = this.#ports
    if (!this.hears(event.topic) || setAside.has(event.id)) return
    const command = ruleCommand(event, root)
    if (command === null) return
    const answer = typeof command === 'string' ? no(command) : this.#carryOut(command, event)
    if (!answer.ok)
      log.warn(
        { event: event.id },
        `The command on ${printable(event.topic)} was refused: ${printable(answer.reason, 1_000)}.`,
      )
    this.#runs.answer(event, answer as unknown as JsonObject)
  }

  get nextWakeAt(): number | null {
    return this.#ends.nextAt
  }

  /** Ends the pause that is due first by then. Returns whether there was one. */
  wake(now: number): boolean {
    const due = this.#ends.takeDue(now)
    if (due) this.#end(due.value, due.at, ITS_END)
    return due !== undefined
  }

  /** Pauses that have ended while the hub was down are over when it is back. */
  downtime(fromAt: number, toAt: number): void {
    for (const { rule, untilAt } of this.all)
      if (untilAt !== null && untilAt > fromAt && untilAt <= toAt) this.#end(rule, toAt, ITS_END)
  }

  /** A pause keeps its length, and its end where that was given as a moment. */
  clockSet(fromAt: number, toAt: number, earlier?: Earlier): void {
    for (const pause of this.all) {
      const { sinceAt, forMs, untilAt } = pause
      const moments = { sinceAt, untilAt: forMs === null ? null : untilAt, setAt: sinceAt }
      const moved = shiftMoments(moments, toAt - fromAt, earlier) as Pick<RulePause, 'sinceAt' | 'untilAt'>
      this.#put({ ...pause, sinceAt: moved.sinceAt, untilAt: moved.untilAt ?? untilAt })
    }
  }

  #carryOut(command: RuleCommand, event: Event): RuleAnswer {
    const { root, reads } = this.#ports
    const by = speakerOf(event, command.by, userOf(event, root, reads))
    const { rule } = command
    const before = this.of(rule)
    if (command.verb === 'resume')
      return before === undefined ? no(this.#notPaused(rule)) : yes(this.#end(rule, event.at, by)!)
    const { reason, forMs, untilAt } = command
    if (before === undefined && !this.#ports.ruleNames.includes(rule)) return no(this.#unknown(rule))
    if (untilAt !== null && untilAt <= event.at) return no('until: that moment has passed')
    return yes(
      this.#put({
        rule,
        state: 'paused',
        reason,
        by,
        event: event.id,
        sinceAt: before?.sinceAt ?? event.at,
        forMs,
        untilAt,
        resumedAt: null,
        resumedBy: null,
        version: this.#nextVersion(rule),
      }),
    )
  }

  #end(rule: string, at: number, by: string): RulePause | undefined {
    const pause = this.of(rule)
    if (pause === undefined) return undefined
    const resumed: RulePause = {
      ...pause,
      state: 'resumed',
      resumedAt: at,
      resumedBy: by,
      version: this.#nextVersion(rule),
    }
    this.#put(resumed)
    this.#ports.ended(rule, pause.sinceAt, at)
    return resumed
  }

  #put(pause: RulePause): RulePause {
    this.#hold(pause)
    this.#ports.draft.rulePause(pause)
    return pause
  }

  #hold(pause: RulePause): void {
    this.#pauses.set(pause.rule, pause)
    this.#ends.set(pause.rule, pause.state === 'paused' ? pause.untilAt : null)
  }

  #nextVersion(rule: string): number {
    return (this.#pauses.get(rule)?.version ?? 0) + 1
  }

  #unknown(rule: string): string {
    const meant = nearMiss(rule, this.#ports.ruleNames)
    const hint = meant === undefined ? '' : `; did you mean "${printable(meant)}"?`
    return `no rule "${printable(rule)}" is in force${hint}`
  }

  #notPaused(rule: string): string {
    const paused = this.all.map((pause) => pause.rule)
    const meant = nearMiss(rule, paused)
    const hint = meant === undefined ? '' : `; did you mean "${printable(meant)}"?`
    return `the rule "${printable(rule)}" is not paused${hint}`
  }
}

/** Who resumes a rule when its pause has an end. */
const ITS_END = 'the end of the pause'

const yes = (pause: RulePause): RuleAnswer => ({ ok: true, pause: pauseReport(pause) })
const no = (reason: string): RuleAnswer => ({ ok: false, reason })
