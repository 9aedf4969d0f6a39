// One engine: its parts, put together, and the order in which they begin and end. The file is long because it
// is that list, with what each part is given. What the hub asks of an engine in between is in requests.ts.

import type { Remote } from '../base/calls.ts'
import type { Clock } from '../base/clock.ts'
import { openChannels } from '../channels/open.ts'
import type { Channel } from '../channels/open.ts'
import type { Log } from '../base/log.ts'
import { formatDuration } from '../base/quantities.ts'
import { afterClockSet } from '../model/clock-behind.ts'
import type { Behind } from '../model/clock-behind.ts'
import type { Event } from '../model/event.ts'
import { hubMessage } from '../model/hub-message.ts'
import type { Outcome } from '../model/outcome.ts'
import { pauseTopic } from '../model/pause.ts'
import type { StepRef } from '../model/run.ts'
import type { CommitNotice, EngineJournal, EngineReads, RetainedHead } from '../model/store.ts'
import { openSecrets } from '../secrets/secrets.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { assemble } from './assembly.ts'
import type { Assembly } from './assembly.ts'
import { Raising } from './alerts/raising.ts'
import { openHubPorts } from './hub-ports.ts'
import { openActing } from './steps/acting.ts'
import { Announcer } from './tell/announce.ts'
import { ClockWatch } from './time/clock-watch.ts'
import type { ClockChange } from './time/clock-watch.ts'
import { Commits } from './tell/commits.ts'
import { Complaints } from './tell/complaints.ts'
import { openDeadLetters } from './tell/dead-letters.ts'
import { loadRules } from './load/load-rules.ts'
import type { LoadedRules } from './load/load-rules.ts'
import type { OpenRun } from './runs/open-run.ts'
import { openRunAlerts } from './tell/run-alerts.ts'
import { Outbox } from './tell/outbox.ts'
import { openParts } from './parts.ts'
import type { Part, Parts } from './parts.ts'
import { downtimeFoundBy } from './plan/sequence.ts'
import { Planner } from './plan/planner.ts'
import { RecentEvents } from './plan/recent-events.ts'
import { Rescue } from './steps/rescue.ts'
import { Recall, tellInPages } from './plan/recall.ts'
import { RuleMemory } from './plan/rule-memory.ts'
import type { EngineHost, EngineLife, EngineRequests, LoadReport, ThreadData } from './protocol.ts'
import { openRequests } from './requests.ts'
import type { EngineInCharge } from './requests.ts'
import type { WorkItem } from '../model/suspect.ts'
import type { UserCode } from './contain/user-code.ts'
import type { Work } from './steps/work.ts'

/** After an unexplained death: more events than any engine reads at once, one of which may be the reason. */
const SUSPECTS = 1_024

export interface CorePorts {
  readonly data: Omit<ThreadData, 'pulse' | 'log'>
  readonly log: Log
  readonly userCode: UserCode
  readonly host: Remote<EngineHost>
  readonly journal: Remote<EngineJournal>
  /** Opens the reads of the store. The journal is open when the engine starts, and may not be before. */
  readonly openReads: () => EngineReads
  readonly clock: Clock
  /** The store has refused: this engine is at its end. */
  readonly fail: (error: unknown) => void
}

export class Core implements EngineLife {
  /** What the hub asks of the engine while it is in charge. */
  readonly requests: EngineRequests
  readonly #ports: CorePorts
  readonly #commits: Commits
  readonly #memory: RuleMemory
  readonly #userCode: UserCode
  readonly #outbox: Outbox
  readonly #announcer: Announcer
  readonly #complaints: Complaints
  readonly #clockWatch: ClockWatch
  readonly #secrets: Secrets
  readonly #channels: ReadonlyMap<string, Channel>
  #reads: EngineReads | undefined
  #loaded: LoadedRules | undefined
  #behind: Behind = { startedAt: 0, behindMs: 0 }
  #work: Work | undefined
  #recent: RecentEvents | undefined
  #planner: Planner | undefined
  #raising: Raising | undefined
  #rescue: Rescue | undefined
  #parts: Parts | undefined
  /** What has begun, in this order, and ends in it. */
  #begun: readonly Part[] = []
  /** Set once all has begun. */
  #inCharge: EngineInCharge | undefined
  readonly #started = Promise.withResolvers<EngineInCharge>()
  /** Aborted when another engine takes charge, or none. */
  readonly #charge = new AbortController()
  #stopping: Promise<void> | undefined

  constructor(ports: CorePorts) {
    const { data, log, userCode, host, journal, clock, fail } = ports
    this.#ports = ports
    this.#commits = new Commits({
      journal,
      ended: (open, event) => this.#ended(open, event),
      alertChanged: (alert) => this.#announcer.announceAlert(alert),
      rulePauseChanged: (pause) => this.#announcer.announceRulePause(pause),
      fail,
    })
    this.#memory = new RuleMemory(this.#commits.draft)
    this.#userCode = userCode
    this.#secrets = openSecrets(process.env, data.secretsDir)
    this.#channels = openChannels(data.alerts.channels)
    this.#clockWatch = new ClockWatch(clock, (change) => this.#clockSet(change))
    this.#complaints = new Complaints({ clock, log })
    this.#outbox = new Outbox((publications) => host.publish(publications))
    this.#announcer = new Announcer({
      root: data.root,
      clock,
      log,
      draft: this.#commits.draft,
      flush: this.#commits.commit,
      publish: this.#outbox.publish,
      eventHead: (id) => this.#reads?.eventHead(id),
      alertsOf: openRunAlerts({
        root: data.root,
        mayBeOpen: (key) => this.#mayBeOpen(key),
        hasDead: (rule) => this.#reads?.hasDead(rule) ?? true,
      }),
    })
    this.requests = openRequests({
      userCode,
      loaded: () => this.#loaded,
      inCharge: () => this.#inCharge,
      started: this.#started.promise,
    })
  }

  async load(): Promise<LoadReport> {
    const { data } = this.#ports
    this.#loaded = await loadRules(data, this.#userCode)
    if (!data.careful) this.#userCode.closeBox()
    return this.#loaded.report
  }

  async start(elsewhere: readonly StepRef[]): Promise<void> {
    const { data, log, host, journal, clock } = this.#ports
    // The first commit ends whoever wrote before; only then is what is read the last word.
    await journal.commit({})
    const reads = (this.#reads = this.#ports.openReads())
    const { rules, report } = this.#rules()
    this.#memory.restore(reads.ruleStates())
    // A file that does not load may declare the others.
    if (report.failures.length === 0) this.#memory.keepOnly((rule) => rules.rule(rule) !== undefined)
    this.#behind = reads.behind()
    const recall = new Recall({ rules, memory: this.#memory, reads })
    const lastBefore = (await host.received()).id
    const assembly = this.#assemble(recall, reads)
    const { work, alerts, pauses, sequence } = assembly
    this.#raising = new Raising({
      isOpen: (key) => alerts.isOpen(key),
      cursor: () => this.#planner?.cursor ?? 0,
      lastBefore,
    })
    this.#work = work
    const hubPauses = pauseTopic(rules.root)
    const recent = (this.#recent = new RecentEvents(reads))
    const planner = (this.#planner = new Planner({
      ...sequence,
      clock,
      elapsedMs: () => performance.now(),
      reads: { cursor: () => reads.cursor(), heardAfter: recent.heardAfter },
      hears: (topic) =>
        topic === hubPauses || alerts.hears(topic) || pauses.hears(topic) || rules.matching(topic).length > 0,
      draft: this.#commits.draft,
      flush: () => work.flush(),
      commit: this.#commits.commit,
      queueLength: () => work.backlog,
      weight: () => work.weight,
      received: () => host.received(),
      lookAtClock: () => this.#clockWatch.look(),
      isRescuing: () => rescue.isUnderWay,
      turnTo: (item) => this.#userCode.turnTo(item),
      suspects: data.careful ? SUSPECTS : 0,
    }))
    const rescue = (this.#rescue = new Rescue({
      reads,
      rules,
      work,
      draft: this.#commits.draft,
      clock,
      log,
      turnTo: (item) => {
        this.#userCode.getsOn()
        this.#userCode.turnTo(item)
      },
      elsewhere,
      setAside: setAside(data.setAside, 'run'),
      deathsOutsideRules: data.deathsOutsideRules,
    }))
    const rescued = rescue.run()
    const recalled = recall.begin(lastBefore, report.failures.length === 0)
    for (const { fromAt, toAt, clean } of sequence.downtimes)
      await this.#publish('hub/downtime', { fromAt, toAt, clean })
    const parts = (this.#parts = openParts(this.#rules(), {
      data,
      clock,
      log,
      reads,
      secrets: this.#secrets,
      channels: this.#channels,
      shownFiring: () => alerts.shownFiring(),
      memory: this.#memory,
      userCode: this.#userCode,
      publish: this.#outbox.publish,
      flush: this.#commits.commit,
      isPaused: (rule) => pauses.of(rule) !== undefined,
    }))
    this.#begun = [this.#clockWatch, planner, ...parts.all]
    for (const part of this.#begun) part.start()
    this.#inCharge = { reads, assembly, planner, parts }
    this.#started.resolve(this.#inCharge)
    await work.flush()
    await this.#announcer.announceMissed(reads)
    void this.#recall(recalled)
    rescued.catch((error: unknown) => this.#ports.fail(error))
  }

  /** What is not told before the end, the next engine tells. */
  async #recall(messages: readonly RetainedHead[]): Promise<void> {
    const { host, log } = this.#ports
    try {
      await tellInPages(messages, (page) => host.recall(page), this.#charge.signal)
    } catch (error) {
      log.warn(
        { err: error },
        'Not all retained messages were told to the rules; the next engine tells the rest.',
      )
    }
  }

  /** The journal has committed more. */
  committed({ events }: CommitNotice): void {
    this.#recent?.take(events)
    this.#planner?.poke()
  }

  async handOver(): Promise<readonly StepRef[]> {
    const { work } = (await this.#started.promise).assembly
    this.#charge.abort()
    await this.#stopParts()
    const performing = work.handOver()
    await this.#quiet()
    this.#commits.retire()
    return performing
  }

  async stepEnded(step: StepRef, outcome: Outcome | null): Promise<void> {
    const { work } = (await this.#started.promise).assembly
    await work.stepEnded(step, outcome)
  }

  abort(step: StepRef, reason: string): void {
    this.#work?.abort(step, reason)
  }

  stop(patienceMs: number): Promise<void> {
    const closed = this.#work?.close(patienceMs)
    return (this.#stopping ??= this.#end(closed))
  }

  async #end(closed: Promise<void> | undefined): Promise<void> {
    this.#charge.abort()
    await this.#stopParts()
    await closed
    await this.#quiet()
    this.#reads?.close()
  }

  /** The planner first: what it has begun is committed before the others end. */
  async #stopParts(): Promise<void> {
    this.#rescue?.stop()
    for (const part of this.#begun) await part.stop()
  }

  async #quiet(): Promise<void> {
    await this.#commits.quiet()
    await this.#announcer.allAnnounced()
  }

  #assemble(recall: Recall, reads: EngineReads): Assembly {
    const { data, log, host, clock } = this.#ports
    const { draft, commit, ended } = this.#commits
    const { publish } = this.#outbox
    const hub = openHubPorts({
      data,
      clock,
      log,
      reads,
      secrets: this.#secrets,
      channels: this.#channels,
      publish,
      alerts: {
        mayBeOpen: (key) => this.#mayBeOpen(key),
        raising: (key, command) => this.#raising?.raising(key, command),
      },
      content: (ref, run, isUncertain) => assembly.alerts.content(ref, run, isUncertain),
      foundBy: async (watch) => (await this.#parts?.watches.targets(watch)) ?? [],
    })
    const tell = (said: Promise<void>): void =>
      void said.catch((error: unknown) => log.warn({ err: error }, 'The network thread could not be told.'))
    const assembly: Assembly = assemble({
      rules: this.#rules().rules,
      packetBytes: data.packetBytes,
      reads,
      clock,
      userCode: this.#userCode,
      draft,
      memory: this.#memory,
      limits: data.limits,
      commit,
      perform: (occasions) => openActing(occasions, this.#userCode, hub),
      ended,
      refused: ended,
      failed: (verdict) => this.#complaints.failed(verdict),
      abortElsewhere: (step, reason) => tell(host.abortElsewhere(step, reason)),
      passOn: (step, outcome) => tell(host.stepEnded(step, outcome)),
      lookAtClock: () => this.#clockWatch.look(),
      isRecalled: (rule, event) => recall.take(rule, event),
      setAside: setAside(data.setAside, 'event'),
      deadLetter: openDeadLetters({ root: data.root, clock, log, reads, publish }),
      resumed: (rule) => {
        this.#parts?.schedule.resumed(rule)
        this.#parts?.expectations.resumed(rule)
      },
      random: Math.random,
      alerts: data.alerts,
      log,
    })
    return assembly
  }

  #mayBeOpen(key: string): boolean {
    return this.#raising?.mayBeOpen(key) ?? true
  }

  #clockSet({ fromAt, toAt, seenAt }: ClockChange): void {
    const byMs = toAt - fromAt
    const { behind, earlier } = afterClockSet(this.#behind, byMs)
    this.#behind = behind
    const change: ClockChange = { fromAt, toAt, seenAt, ...(earlier && { earlier }) }
    const by = `${byMs > 0 ? 'forward' : 'back'} by ${formatDuration(Math.abs(byMs))}`
    this.#ports.log.warn(
      change,
      `The clock was set ${by}; whatever waits keeps its length, schedules go by the new time.`,
    )
    this.#work?.clockSet(byMs, earlier)
    this.#planner?.clockSet(change)
    this.#parts?.schedule.clockSet()
    void this.#publish('hub/clock-set', { fromAt, toAt, byMs })
    const down = downtimeFoundBy(change)
    if (down !== null) void this.#publish('hub/downtime', { ...down, clean: false })
  }

  #rules(): LoadedRules {
    if (this.#loaded === undefined) throw new Error('The rules are not loaded yet.')
    return this.#loaded
  }

  async #publish(topic: string, payload: object): Promise<void> {
    const { data, log } = this.#ports
    await this.#outbox
      .publish(hubMessage(`${data.root}/${topic}`, payload))
      .catch((error: unknown) => log.error({ err: error }, `${data.root}/${topic} could not be published.`))
  }

  #ended({ run, steps }: OpenRun, event: Event | undefined): void {
    this.#complaints.ended(run, steps)
    this.#announcer.announce(run, steps, event)
  }
}

const setAside = (items: readonly WorkItem[], wanted: WorkItem['kind']): ReadonlySet<number> =>
  new Set(items.flatMap(({ kind, id }) => (kind === wanted ? [id] : [])))
