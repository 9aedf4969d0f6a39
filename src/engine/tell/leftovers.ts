// Retained state of what the rules no longer declare: nobody would ever say more of it, and no client may
// clear what is below the hub's root. When the rules are loaded it goes:
//
//   ping/<name>     of a ping that is gone             cleared
//   tasks/<name>    of a task that is gone             cleared
//   hosts/<name>/…  of a host that is gone             cleared
//   hub/watches     when no watch is left              cleared
//   hub/network     when no reference ping is left     cleared
//   alerts/<key>    raised by a rule that is gone, or because of one of these:
//                   open                               resolved, so that whoever was told of it is told again
//                   resolved for a day                 cleared
//                   forgotten with the history         cleared
//
// Always: each change is an event in the history that says why: `hub/cleared` names a cleared topic, and the
// body of a resolved alert gives the reason.

import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { messageOf, printable } from '../../base/printable.ts'
import { isOpen } from '../../model/alert.ts'
import type { Alert } from '../../model/alert.ts'
import type { DeclaredNames } from '../../model/declarations.ts'
import type { Publication } from '../../model/event.ts'
import { hubClears, hubMessage, jsonIn } from '../../model/hub-message.ts'
import type { EngineReads } from '../../model/store.ts'
import { taskReportTopic } from '../../model/task.ts'
import { hostRuleName } from '../../rules/compile/host-rules.ts'
import { alertCommandTopic } from '../../topics/alert-topic.ts'

/** A channel may try for about a day to tell that an alert was resolved; until then people may look it up. */
const RESOLVED_MS = 24 * 3_600_000
/** Alerts that are looked at in one turn of the loop. */
const IN_ONE_TURN = 256

export interface LeftoverPorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly reads: Pick<EngineReads, 'retainedUnder' | 'lastOn' | 'heldAlerts' | 'alert'>
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
  readonly #reports: readonly Report[]
  #isStopped = false
  #clearing: Promise<void> | undefined

  constructor(declared: Declared, ports: LeftoverPorts) {
    this.#declared = declared
    this.#ports = ports
    this.#reports = reportsOf(declared, ports.root)
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
    for (const { under } of this.#reports)
      for (const topic of reads.retainedUnder(under)) {
        const gone = this.#goneIn(topic)
        if (gone !== null) await this.#clearTopic(topic, gone)
      }
    for (const alert of reads.heldAlerts()) if (isOpen(alert)) await this.#end(alert)
    for (const [index, topic] of reads.retainedUnder(`${root}/alerts/`).entries()) {
      if (index % IN_ONE_TURN === IN_ONE_TURN - 1) await setImmediate()
      if (this.#isStopped) return
      const reason = this.#whyCleared(topic)
      if (reason !== null) await this.#clearTopic(topic, reason)
    }
  }

  async #end({ key, rule, cause }: Alert): Promise<void> {
    const { root, log, publish } = this.#ports
    const gone = this.#goneFor(rule, cause)
    if (gone === null || this.#isStopped) return
    const body = `Nobody would resolve it any more: ${gone}.`
    await publish(hubMessage(alertCommandTopic(key, 'resolve', root), { body }))
    log.info(`The alert "${printable(key)}" is resolved by the hub: ${gone}.`)
  }

  /** Why an alert is no longer retained; `null` while it is, and for what else a rule has published there. */
  #whyCleared(topic: string): string | null {
    const { reads, clock } = this.#ports
    const report = jsonIn(reads.lastOn(topic, Number.MAX_SAFE_INTEGER)?.payload)
    const { key, version } = (report ?? {}) as Readonly<Record<string, unknown>>
    if (typeof key !== 'string' || typeof version !== 'number') return null
    const alert = reads.alert(key)
    if (alert === undefined) return 'the alert was resolved long ago'
    if (isOpen(alert) || clock.now() - alert.sinceAt < RESOLVED_MS) return null
    return this.#goneFor(alert.rule, alert.cause)
  }

  /** What an alert belongs to and is gone, in words; `null` when it is there, or it belongs to no rule. */
  #goneFor(rule: string | null, cause: Alert['cause']): string | null {
    if (rule === null) return null
    const { rules, hosts } = this.#declared
    if (!rules.includes(rule) && !hosts.map(hostRuleName).includes(rule))
      return `the rule "${printable(rule)}" is no longer in the rules`
    return cause === null ? null : this.#goneIn(cause.topic)
  }

  /** What reports on a topic and is gone, in words; `null` when it is there, or nobody reports there. */
  #goneIn(topic: string): string | null {
    const report = this.#reports.find(({ under }) => topic.startsWith(under))
    return report?.whyGone(topic.slice(report.under.length)) ?? null
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

/** What is retained of the probes and tasks of the rules. */
interface Report {
  /** How its topics begin. */
  readonly under: string
  /** Takes the rest of the topic; `null` while somebody reports there. */
  readonly whyGone: (rest: string) => string | null
}

function reportsOf({ pings, tasks, hosts, watches, references }: Declared, root: string): readonly Report[] {
  const ofEach = (what: string, names: readonly string[]) => (name: string) =>
    names.includes(name) ? null : `the ${what} "${printable(name)}" is no longer in the rules`
  const ofAll = (names: readonly string[], sentence: string) => (rest: string) =>
    rest === '' && names.length === 0 ? sentence : null
  return [
    { under: `${root}/ping/`, whyGone: ofEach('ping', pings) },
    { under: taskReportTopic(root, ''), whyGone: ofEach('task', tasks) },
    { under: `${root}/hosts/`, whyGone: (rest) => ofEach('host', hosts)(rest.split('/', 1)[0]!) },
    { under: `${root}/hub/watches`, whyGone: ofAll(watches, 'no watch is left in the rules') },
    {
      under: `${root}/hub/network`,
      whyGone: ofAll(references, 'no ping in the rules stands for the network'),
    },
  ]
}
