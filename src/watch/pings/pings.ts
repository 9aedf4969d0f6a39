// The pings of a hub: each is checked at its planned moments, and a change of its state is published,
// retained, once. Never two checks of one ping are under way, and no more of all than their lanes are wide.
//
// Always: a failed check counts only if the hub was there to hear the answer. One that ends long after its
// time was up spans a pause of the hub's own (a suspended machine, a frozen process), says nothing, and is
// made again.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { messageOf } from '../../base/printable.ts'
import { formatDuration } from '../../base/quantities.ts'
import type { Publication } from '../../model/event.ts'
import { hubMessage } from '../../model/hub-message.ts'
import type { PingSpec, PingStatus } from '../../model/probe.ts'
import type { Secrets } from '../../secrets/secrets.ts'
import { nextBeat, phaseOf } from './beat.ts'
import type { Beat } from './beat.ts'
import type { Check } from '../probes/check.ts'
import { Lane } from './lane.ts'
import { MINUTE_MS, Minutes } from './minutes.ts'
import { isProgram, limitMs, probe } from '../probes/probe.ts'
import { Verdicts, pingTopic } from './verdicts.ts'
import type { Checked } from './verdicts.ts'

export interface PingPorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly secrets: Secrets
  /** Runs the pattern of a ping on what came. */
  readonly within: <T>(ping: string, code: () => T) => T
  /** Its pattern has taken the engine down: it is not checked. */
  readonly isLeftAlone: (ping: string) => boolean
  /** Resolves when committed. */
  readonly publish: (publication: Publication) => Promise<number>
  /** Payload of the newest known message on a topic. */
  readonly last: (topic: string) => Uint8Array | undefined
  readonly check?: typeof probe
}

/**
 * Checks under way at one time. A check whose target is silent takes its whole timeout (5 s): this many serve
 * 1,500 silent programs and 3,000 other silent targets that are checked every 30 s.
 */
const AT_ONCE = { program: 256, socket: 512 }
/** A timer that is later than this was not late because the hub was busy: the hub did not run. */
const LATE_MS = 2_000

const LEFT_ALONE = 'its pattern took the engine down; it is left out until rules are saved again'

/** A ping between its checks. */
interface Turn {
  readonly ping: PingSpec
  readonly beat: Beat
  /** The number of the moment that comes next, or was the last. */
  n: number
  /** When the next check begins, on the steady clock; `null` while one waits for its lane or is under way. */
  nextAt: number | null
  cancel: () => void
  /** The last check was void, and is made again. */
  isAgain: boolean
  /** The reason of the last check, if it was not good. */
  reason: string
  isUnable: boolean
  latencyMs: number | null
  /** Unix ms. */
  checkedAt: number | null
}

export class Pings {
  readonly #pings: readonly PingSpec[]
  readonly #ports: PingPorts
  readonly #verdicts: Verdicts
  readonly #turns = new Map<string, Turn>()
  readonly #lanes = { program: new Lane(AT_ONCE.program), socket: new Lane(AT_ONCE.socket) }
  readonly #minutes: Minutes
  readonly #stopping = new AbortController()
  readonly #publishing = new Set<Promise<unknown>>()
  #cancelMinute = (): void => {}

  constructor(pings: readonly PingSpec[], ports: PingPorts) {
    this.#pings = pings
    this.#ports = ports
    this.#minutes = new Minutes(ports.clock.now())
    this.#verdicts = new Verdicts(pings, { ...ports, hurry: (name) => this.#hurry(name) })
  }

  start(): void {
    const { clock } = this.#ports
    this.#verdicts.restore()
    const startedAt = clock.steady()
    for (const [index, ping] of this.#pings.entries()) {
      const { name, everyMs, jitterMs } = ping
      const phaseAt = startedAt + phaseOf(index, this.#pings.length, everyMs)
      const turn: Turn = {
        ping,
        beat: { phaseAt, everyMs, jitterMs, name },
        n: -1,
        nextAt: null,
        cancel: () => {},
        isAgain: false,
        reason: '',
        isUnable: false,
        latencyMs: null,
        checkedAt: null,
      }
      this.#turns.set(name, turn)
      this.#plan(turn, startedAt)
    }
    if (this.#pings.length > 0) this.#planMinute()
  }

  async stop(): Promise<void> {
    if (!this.#stopping.signal.aborted) {
      this.#stopping.abort(new Error('the hub stops'))
      this.#cancelMinute()
      for (const { cancel } of this.#turns.values()) cancel()
      this.#tellMinute()
    }
    await Promise.all(Object.values(this.#lanes).map((lane) => lane.empty()))
    await Promise.all(this.#publishing)
  }

  /** How the pings are, in the order of their declaration. */
  status(): readonly PingStatus[] {
    const { clock } = this.#ports
    return this.#pings.map(({ name, target }) => {
      const { standing, report } = this.#verdicts.get(name) ?? {}
      const turn: Partial<Turn> = this.#turns.get(name) ?? {}
      const { reason = '', isUnable = false, latencyMs = null, checkedAt = null, nextAt = null } = turn
      return {
        name,
        kind: target.kind,
        state: standing?.told ?? 'unknown',
        since: report?.since ?? null,
        latencyMs,
        reason: reason || (report?.reason ?? ''),
        checkedAt: dateOf(checkedAt),
        nextAt: dateOf(nextAt === null ? null : clock.now() + nextAt - clock.steady()),
        mutedBy: standing?.mutedBy ?? null,
        isUnable,
      }
    })
  }

  /** Waits for the next planned moment from one on, by default from now. */
  #plan(turn: Turn, fromAt = this.#ports.clock.steady()): void {
    const { clock } = this.#ports
    const { n, at } = nextBeat(turn.beat, fromAt, turn.n)
    turn.nextAt = at
    turn.cancel = clock.after(at - clock.steady(), () => {
      turn.n = n
      this.#enter(turn, false)
    })
  }

  /** Checks a ping before its next moment, unless a check waits or is under way. */
  #hurry(name: string): void {
    const turn = this.#turns.get(name)
    if (!turn || turn.nextAt === null || this.#stopping.signal.aborted) return
    turn.cancel()
    this.#enter(turn, true)
  }

  #enter(turn: Turn, isExtra: boolean): void {
    turn.nextAt = null
    const lane = isProgram(turn.ping.target) ? this.#lanes.program : this.#lanes.socket
    lane.enter(() => this.#take(turn, isExtra))
  }

  async #take(turn: Turn, isExtra: boolean): Promise<void> {
    const { clock } = this.#ports
    const { ping } = turn
    const begunAt = clock.steady()
    const check = await this.#check(ping)
    if (this.#stopping.signal.aborted) return
    const isVoid = check.kind === 'failed' && clock.steady() - begunAt > limitMs(ping) + LATE_MS
    // Once for each moment: a machine that is only busy is not given more to do.
    if (isVoid && !turn.isAgain) {
      turn.isAgain = true
      this.#enter(turn, isExtra)
      return
    }
    turn.isAgain = false
    if (isVoid) {
      this.#plan(turn)
      return
    }
    this.#note(turn, check)
    // The lane is for checks: a commit that takes its time keeps no other ping waiting.
    this.#track(this.#judge(turn, { check, begunAt, isExtra }))
  }

  async #judge(turn: Turn, checked: Checked): Promise<void> {
    const { name } = turn.ping
    try {
      await this.#verdicts.judge(name, checked)
    } catch (error) {
      const why = messageOf(error)
      this.#ports.log.error({ ping: name }, `ping "${name}": its state was not published: ${why}`)
    }
    if (!this.#stopping.signal.aborted) this.#plan(turn)
  }

  async #check(ping: PingSpec): Promise<Check> {
    if (this.#ports.isLeftAlone(ping.name)) return { kind: 'unable', reason: LEFT_ALONE }
    const timeout = new AbortController()
    const limit = limitMs(ping)
    const cancel = this.#ports.clock.after(limit, () =>
      timeout.abort(new Error(`no answer within ${formatDuration(limit)}`)),
    )
    try {
      const { check = probe, clock, secrets, within } = this.#ports
      return await check(ping, {
        signal: AbortSignal.any([timeout.signal, this.#stopping.signal]),
        timeoutMs: ping.timeoutMs,
        clock,
        secrets,
        within: (code) => within(ping.name, code),
      })
    } finally {
      cancel()
    }
  }

  #note(turn: Turn, check: Check): void {
    const { log, clock } = this.#ports
    const { name } = turn.ping
    this.#minutes.count(name, check)
    turn.checkedAt = clock.now()
    if (check.kind === 'good') turn.latencyMs = check.latencyMs
    const reason = check.kind === 'good' ? '' : check.reason
    if (check.kind !== 'unable') {
      if (turn.isUnable) log.info({ ping: name }, `ping "${name}" can be checked again.`)
    } else if (!turn.isUnable || turn.reason !== reason) {
      log.warn({ ping: name }, `ping "${name}" cannot be checked: ${reason}`)
    }
    turn.isUnable = check.kind === 'unable'
    turn.reason = reason
  }

  #planMinute(): void {
    const { clock } = this.#ports
    this.#cancelMinute = clock.after(MINUTE_MS - (clock.now() % MINUTE_MS), () => {
      this.#tellMinute()
      this.#planMinute()
    })
  }

  #tellMinute(): void {
    const { clock, root } = this.#ports
    for (const [name, minute] of this.#minutes.take(clock.now()))
      this.#publish(
        hubMessage(`${pingTopic(root, name)}/minute`, minute),
        `ping "${name}": a minute was not published`,
      )
  }

  #publish(publication: Publication, failure: string): void {
    const { log, publish } = this.#ports
    this.#track(
      publish(publication).catch((error: unknown) => log.error({}, `${failure}: ${messageOf(error)}`)),
    )
  }

  /** @param work never rejects */
  #track(work: Promise<unknown>): void {
    const tracked = work.finally(() => this.#publishing.delete(tracked))
    this.#publishing.add(tracked)
  }
}

const dateOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())
