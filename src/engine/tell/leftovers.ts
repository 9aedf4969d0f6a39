// Retained state of what the rules no longer declare: nobody would ever say more of it, and no client may
// clear what is below the hub's root. When the rules are loaded it goes:
//
//   ping/<name>     of a ping that is gone             cleared
//   tasks/<name>    of a task that is gone             cleared
//   hub/watches     when no watch is left              cleared
//   hub/network     when no reference ping is left     cleared
//   alerts/<key>    raised by a rule that is gone, or because of a ping that is:
//                   firing                             resolved, so that whoever was told of it is told again
//                   resolved for a day                 cleared
//
// Always: each change is an event in the history that says why: `hub/cleared` names a cleared topic, and the
// body of a resolved alert gives the reason.

import { setImmediate } from 'node:timers/promises'
import type { AlertReport } from '../../actions/alert.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { messageOf, printable } from '../../base/printable.ts'
import type { DeclaredNames } from '../../model/declarations.ts'
import type { Event, Publication } from '../../model/event.ts'
import { hubClears, hubMessage, jsonIn } from '../../model/hub-message.ts'
import type { EngineReads } from '../../model/store.ts'
import { taskReportTopic } from '../../model/task.ts'

/** A channel may try for about a day to tell that an alert was resolved; it reads that in the message. */
const RESOLVED_MS = 24 * 3_600_000
/** Alerts that are looked at in one turn of the loop. */
const IN_ONE_TURN = 256

export interface LeftoverPorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly reads: Pick<EngineReads, 'retainedUnder' | 'lastOn' | 'eventHead'>
  /** Resolves when committed. */
  readonly publish: (publication: Publication) => Promise<number>
}

export interface Declared extends DeclaredNames {
  /** A file that does not load may declare what its absence would clear. */
  readonly failures: readonly string[]
  /** The pings that stand for the network. */
  readonly references: readonly string[]
}

export class Leftovers {
  readonly #declared: Declared
  readonly #ports: LeftoverPorts
  #isStopped = false
  #clearing: Promise<void> | undefined

  constructor(declared: Declared, ports: LeftoverPorts) {
    this.#declared = declared
    this.#ports = ports
  }

  start(): void {
    if (this.#declared.failures.length > 0) return
    this.#clearing = this.#clear().catch((error: unknown) =>
      this.#ports.log.error(
        { err: error },
        `What is retained of pings, tasks and rules that were removed was not cleared: ${messageOf(error)}`,
      ),
    )
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#clearing
  }

  async #clear(): Promise<void> {
    const { root, reads } = this.#ports
    for (const topic of reads.retainedUnder(`${root}/ping/`)) {
      const gone = this.#goneIn(topic)
      if (gone !== null) await this.#clearTopic(topic, gone)
    }
    const tasks = taskReportTopic(root, '')
    for (const topic of reads.retainedUnder(tasks)) {
      const name = topic.slice(tasks.length)
      if (!this.#declared.tasks.includes(name))
        await this.#clearTopic(topic, `the task "${printable(name)}" is no longer in the rules`)
    }
    const watches = `${root}/hub/watches`
    if (this.#declared.watches.length === 0 && reads.retainedUnder(watches).includes(watches))
      await this.#clearTopic(watches, 'no watch is left in the rules')
    const network = `${root}/hub/network`
    if (this.#declared.references.length === 0 && reads.retainedUnder(network).includes(network))
      await this.#clearTopic(network, 'no ping in the rules stands for the network')
    for (const [index, topic] of reads.retainedUnder(`${root}/alerts/`).entries()) {
      if (index % IN_ONE_TURN === IN_ONE_TURN - 1) await setImmediate()
      if (this.#isStopped) return
      await this.#end(topic)
    }
  }

  async #end(topic: string): Promise<void> {
    const { clock, log, publish, reads } = this.#ports
    const event = reads.lastOn(topic, Number.MAX_SAFE_INTEGER)
    const alert = jsonIn(event?.payload) as Partial<AlertReport> | null | undefined
    if (event === undefined || !isReport(alert)) return
    const gone = this.#goneFor(event, alert)
    if (gone === null) return
    const at = new Date(clock.now()).toISOString()
    if (alert.state === 'firing') {
      const body = `Nobody would resolve it any more: ${gone}.`
      const resolved: AlertReport = { ...alert, state: 'resolved', body, since: at, at }
      await publish(hubMessage(topic, resolved, { retain: true }))
      log.info({ topic }, `The alert "${printable(alert.key)}" is resolved by the hub: ${gone}.`)
    } else if (clock.now() - Date.parse(alert.since) >= RESOLVED_MS) await this.#clearTopic(topic, gone)
  }

  /** What an alert belongs to and is gone, in words; `null` when it is there. */
  #goneFor(event: Event, { rule }: AlertReport): string | null {
    if (!this.#declared.rules.includes(rule)) return `the rule "${printable(rule)}" is no longer in the rules`
    const cause = event.cause && this.#ports.reads.eventHead(event.cause.event)
    return cause ? this.#goneIn(cause.topic) : null
  }

  /** The ping that reports on a topic and is gone, in words; `null` when it is there, or none reports. */
  #goneIn(topic: string): string | null {
    const prefix = `${this.#ports.root}/ping/`
    if (!topic.startsWith(prefix)) return null
    const name = topic.slice(prefix.length)
    if (this.#declared.pings.includes(name)) return null
    return `the ping "${printable(name)}" is no longer in the rules`
  }

  async #clearTopic(topic: string, reason: string): Promise<void> {
    const { root, clock, log, publish } = this.#ports
    const at = new Date(clock.now()).toISOString()
    await Promise.all([
      publish(hubClears(topic)),
      publish(hubMessage(`${root}/hub/cleared`, { topic, reason, at })),
    ])
    log.info({ topic }, `${printable(topic)} is no longer retained: ${reason}.`)
  }
}

/** A rule may have published there what it likes; alerts of the hub's own name no rule. */
const isReport = (alert: Partial<AlertReport> | null | undefined): alert is AlertReport =>
  typeof alert?.rule === 'string' &&
  typeof alert.key === 'string' &&
  typeof alert.since === 'string' &&
  (alert.state === 'firing' || alert.state === 'resolved')
