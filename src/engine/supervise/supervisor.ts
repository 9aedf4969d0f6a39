// Keeps one engine in charge: begins it, begins another when it dies, and swaps it for one with newer rules.
// Runs in the network thread, and does nothing there but wait and decide.
//
// Always: whatever becomes of engines, the hub goes on: events are kept, and are taken by the next engine
// that comes up. At most one engine plans and commits outcomes. An engine that was replaced only ends what it is
// performing, and passes the outcomes on. Changes of engine happen one after the other.
//
// The file is long because these changes share one queue and one engine in charge. What decides about them, and
// has a state of its own, is beside it: blame, trouble, silent and retired engines, rules that are awaited.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { messageOf } from '../../base/printable.ts'
import type { Conditions } from '../../model/health.ts'
import type { EngineStatus } from '../../model/hub-status.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { WatchedProcesses } from '../../model/watch.ts'
import type { RuleView } from '../../model/rule-view.ts'
import type { RerunAnswer, RerunOrder, RunAnswer, RunChange, StepRef } from '../../model/run.ts'
import { AwaitedRules } from './awaited-rules.ts'
import { Blame, NOBODY_SUSPECTED } from './blame.ts'
import type { Circumstances } from './blame.ts'
import type { News } from './news.ts'
import { before } from './before.ts'
import { pause } from '../../base/pause.ts'
import { Questions } from './questions.ts'
import { endEngine, RetiredEngines } from './retired-engines.ts'
import { SilentEngines } from './silent-engines.ts'
import { Trouble } from './trouble.ts'
import type { Ending, SpawnedEngine } from '../contain/spawn.ts'
import type { Beyond, EngineHost, LoadReport } from '../protocol.ts'

/** After an engine that lived for this long, the count of deaths begins anew. */
const HEALTHY_MS = 60_000
/** The longest time for which the start of the hub waits for an engine. */
const FIRST_ENGINE_MS = 30_000

export interface SupervisorPorts {
  readonly clock: Clock
  readonly log: Log
  readonly news: News
  setInterest(filters: readonly string[]): void
  /** Makes the broker journal every event: the rules are not known, so a rule may wait for any of them. */
  setInterestInAll(): void
  /** Watches the paths on which the rules that were just loaded, and perhaps refused, depend. */
  dependOn(beyond: Beyond): void
  /** Whether the rules folder can be read at this moment. */
  canReadRules(): Promise<boolean>
  /** The time between two looks at whether an engine answers. */
  readonly lookEveryMs: number
  /** Begins an engine that does not run these files and rules. */
  spawn(host: Pick<EngineHost, 'stepEnded' | 'abortElsewhere'>, data: Circumstances): SpawnedEngine
}

interface InCharge {
  readonly engine: SpawnedEngine
  readonly report: LoadReport
  readonly sinceAt: number
}

export class Supervisor {
  readonly #ports: SupervisorPorts
  #inCharge: InCharge | undefined
  readonly #retired: RetiredEngines
  readonly #questions: Questions
  readonly #awaitedRules: AwaitedRules
  readonly #blame = new Blame()
  readonly #trouble: Trouble
  readonly #silent: SilentEngines
  /** Called when the first engine has ended, so that the hub goes on without one. */
  readonly #firstEnded = Promise.withResolvers<void>()
  #failures: readonly string[] = []
  #generation = 0
  #restarts = 0
  #changes: Promise<unknown> = Promise.resolve()
  /** Ends the pause before the next engine: it may load rules that were mended. */
  #reloadRequest = new AbortController()
  /** The reload that has not begun yet: all who ask before it begins share it. */
  #nextReload: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  readonly #stopRequest = new AbortController()
  /**
   * Aborted when the hub waits no longer for an engine that cannot begin or hand over: on a full disk none
   * ever can.
   */
  readonly #outOfPatience = new AbortController()

  constructor(ports: SupervisorPorts) {
    this.#ports = ports
    this.#retired = new RetiredEngines({
      clock: ports.clock,
      log: ports.log,
      passOn: (step, outcome) => this.#passOn(step, outcome),
    })
    this.#questions = new Questions(ports.clock, () => this.#inCharge?.engine.remote)
    this.#awaitedRules = new AwaitedRules({
      clock: ports.clock,
      canRead: () => ports.canReadRules(),
      load: () =>
        this.reload().catch((error: unknown) =>
          ports.log.error({ err: error }, 'The rules were not loaded.'),
        ),
      stop: this.#stopRequest.signal,
    })
    this.#silent = new SilentEngines({
      clock: ports.clock,
      lookEveryMs: ports.lookEveryMs,
      changed: () => this.#trouble.tell(),
    })
    this.#trouble = new Trouble({
      clock: ports.clock,
      tell: (sentence) => ports.news.trouble(sentence),
      isAwaitingRules: () => this.#awaitedRules.reason !== null,
      isSilent: () => this.#silent.size > 0,
    })
  }

  /**
   * Resolves when an engine is in charge, or waits for rules that cannot be read. Also resolves when the
   * first engine has ended for no known reason, or none is in charge in time: then the hub goes on without
   * one, and engines are begun until one makes progress.
   */
  async start(): Promise<void> {
    const isUp = this.#keepUp()
    const over = new AbortController()
    await Promise.race([
      isUp,
      this.#firstEnded.promise,
      pause(this.#ports.clock, FIRST_ENGINE_MS, over.signal),
    ])
    over.abort()
    this.#trouble.tell()
  }

  /** Loads the folder anew and swaps engines. Keeps the present engine when a file does not load. */
  reload(): Promise<void> {
    this.#reloadRequest.abort()
    if (this.#inCharge === undefined) this.#blame.acquit()
    this.#nextReload ??= this.#inTurn(async () => {
      this.#nextReload = undefined
      if (!this.#stopping) await this.#swap()
    })
    return this.#nextReload
  }

  processes(): Promise<WatchedProcesses | null> {
    return this.#questions.processes()
  }

  rules(): Promise<readonly RuleView[] | null> {
    return this.#questions.rules()
  }

  changeRun(id: number, change: RunChange): Promise<RunAnswer> {
    return this.#questions.changeRun(id, change)
  }

  rerun(id: number, order: RerunOrder): Promise<RerunAnswer> {
    return this.#questions.rerun(id, order)
  }

  /** The conditions of health that depend on the engine. */
  conditions(): Pick<Conditions, 'rules' | 'engine'> {
    const missing = this.#inCharge?.report.failures ?? []
    return {
      rules: this.#awaitedRules.reason ?? (missing.length === 0 ? null : notInForce(missing)),
      engine: this.#trouble.sentence ?? (this.#inCharge === undefined ? this.#trouble.death : null),
    }
  }

  async status(): Promise<Omit<EngineStatus, 'behind'>> {
    const now = await this.#questions.status()
    return {
      state: this.#state(),
      generation: this.#generation,
      restarts: this.#restarts,
      failures: this.#failures,
      quarantined: this.#blame.quarantined.flatMap(({ kind, name }) => (kind === 'file' ? [] : [name])),
      now,
    }
  }

  #state(): EngineStatus['state'] {
    if (this.#stopping) return 'stopped'
    if (this.#inCharge) return 'running'
    return this.#awaitedRules.reason === null ? 'restarting' : 'waiting'
  }

  /**
   * Resolves when no engine is left. Steps that take longer than `patienceMs` are performed again after the
   * next start.
   */
  stop(patienceMs: number): Promise<void> {
    this.#stopping ??= this.#stopAll(patienceMs)
    this.#trouble.end()
    this.#stopRequest.abort()
    return this.#stopping
  }

  /** Stops the retired engines first: the engine in charge commits the outcomes of their last steps. */
  async #stopAll(patienceMs: number): Promise<void> {
    const cancel = this.#ports.clock.after(patienceMs, () => this.#outOfPatience.abort())
    await this.#retired.endAll(patienceMs)
    await this.#inTurn(async () => {
      await this.#retired.endAll(patienceMs)
      if (this.#inCharge) await endEngine(this.#inCharge.engine, patienceMs, this.#ports.clock)
    })
    cancel()
  }

  /** Begins an engine in turn, again and again if need be. Never rejects. */
  #keepUp(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#stopping && this.#inCharge === undefined) await this.#bringUp()
    }).catch((error: unknown) => {
      if (!this.#stopping) this.#ports.log.error({ err: error }, 'No engine can be started.')
    })
  }

  /** Begins an engine, again and again if need be; returns none when the rules cannot be read. */
  async #bringUp(): Promise<void> {
    if (this.#generation === 0) this.#ports.setInterestInAll()
    for (;;) {
      const engine = this.#spawn(this.#blame.circumstances)
      try {
        const report = await this.#load(engine)
        if (report.unreadable !== null) return await this.#waitForRules(engine, report.unreadable)
        this.#ports.setInterest(report.filters)
        await this.#start(engine)
        return this.#takeCharge(engine, report)
      } catch (error) {
        const ending = await endingOf(engine, error)
        if (this.#stopping) throw error
        await this.#mourn(ending)
      }
    }
  }

  async #swap(): Promise<void> {
    const old = this.#inCharge
    const next = this.#spawn(NOBODY_SUSPECTED)
    try {
      const report = await this.#load(next)
      if (old === undefined && report.unreadable !== null)
        return await this.#waitForRules(next, report.unreadable)
      if (old !== undefined && (report.failures.length > 0 || report.version === old.report.version)) {
        await next.terminate()
        if (report.failures.length > 0) this.#ports.news.refused(report.failures)
        else if (this.#failures.length > 0) this.#ports.news.loaded(report, this.#blame.aside)
        this.#failures = report.failures
        return
      }
      this.#ports.setInterest([...new Set([...(old?.report.filters ?? []), ...report.filters])])
      await this.#handOver(old)
      await this.#start(next)
      this.#blame.acquit()
      this.#takeCharge(next, report)
      this.#ports.setInterest(report.filters)
    } catch (error) {
      const ending = await endingOf(next, error)
      if (this.#stopping) return
      this.#blame.suspect(ending)
      this.#failures = [`${ending.unit?.name ?? 'The engine'} ${ending.reason}`]
      this.#ports.news.refused(this.#failures)
      if (this.#inCharge === undefined) await this.#bringUp()
    }
  }

  /** Hands over: from here on the old engine plans nothing. If it dies now, its steps are performed again. */
  async #handOver(old: InCharge | undefined): Promise<void> {
    this.#inCharge = undefined
    if (old !== undefined) await this.#retired.retire(old.engine, this.#outOfPatience.signal)
  }

  async #load(engine: SpawnedEngine): Promise<LoadReport> {
    const report = await before(this.#ports.clock, this.#stopRequest.signal, () => engine.remote.load())
    this.#ports.dependOn(report.beyond)
    return report
  }

  #start(engine: SpawnedEngine): Promise<void> {
    return before(this.#ports.clock, this.#outOfPatience.signal, () =>
      engine.remote.start(this.#retired.steps),
    )
  }

  /**
   * Keeps the engine waiting. Without rules it plans nothing: the cursor stays where it is, and the journal
   * keeps every event.
   */
  async #waitForRules(engine: SpawnedEngine, reason: string): Promise<void> {
    await engine.terminate()
    this.#ports.setInterestInAll()
    this.#failures = [reason]
    if (this.#awaitedRules.begin(reason)) this.#ports.news.unreadable(reason)
  }

  #takeCharge(engine: SpawnedEngine, report: LoadReport): void {
    const { clock, news } = this.#ports
    this.#awaitedRules.end()
    this.#inCharge = { engine, report, sinceAt: clock.now() }
    this.#generation++
    this.#failures = report.failures
    news.loaded(report, this.#blame.aside)
    void engine.ended.then((ending) => this.#onEnded(engine, ending))
    this.#trouble.cameUp(() => this.#inCharge?.engine === engine)
  }

  #onEnded(engine: SpawnedEngine, ending: Ending): void {
    if (this.#inCharge?.engine !== engine || this.#stopping) return
    if (this.#ports.clock.now() - this.#inCharge.sinceAt > HEALTHY_MS) this.#blame.forget()
    this.#inCharge = undefined
    void this.#inTurn(() => this.#mourn(ending)).then(() => this.#keepUp())
  }

  /** Reports the death, quarantines or sets aside whatever caused it, and waits before the next try. */
  async #mourn(ending: Ending): Promise<void> {
    const { news, clock } = this.#ports
    const judgement = this.#blame.judge(ending)
    this.#restarts++
    news.died(ending, judgement)
    const isExplained = judgement.unit !== null || judgement.item !== null
    if (!isExplained) this.#firstEnded.resolve()
    this.#trouble.died(ending.reason, !isExplained && (this.#generation === 0 || this.#blame.unexplained > 1))
    const isWanted = AbortSignal.any([this.#stopRequest.signal, this.#reloadRequest.signal])
    await pause(clock, judgement.pauseMs, isWanted)
    this.#reloadRequest = new AbortController()
  }

  #spawn(circumstances: Circumstances): SpawnedEngine {
    const engine: SpawnedEngine = this.#ports.spawn(
      {
        stepEnded: (step, outcome) => this.#retired.ended(engine, step, outcome),
        abortElsewhere: (step, reason) => this.#retired.abort(step, reason),
      },
      circumstances,
    )
    this.#silent.watch(engine)
    return engine
  }

  /**
   * Passes an outcome on in turn: while engines are swapped, the one that will know the step is not in charge
   * yet.
   */
  #passOn(step: StepRef, outcome: Outcome | null): Promise<void> {
    return this.#inTurn(async () => {
      await this.#inCharge?.engine.remote.stepEnded(step, outcome).catch(() => {})
    })
  }

  #inTurn<T>(change: () => T | Promise<T>): Promise<T> {
    const turn = this.#changes.then(change)
    this.#changes = turn.catch(() => {})
    return turn
  }
}

function notInForce([first = '', ...more]: readonly string[]): string {
  const others = more.length === 0 ? '' : ` (and ${more.length} more; "vigie status" lists them)`
  return `Some rules are not in force: ${first.split('\n')[0]}${others}`
}

/** Returns how an engine that could not begin has ended. An engine that refused to begin is ended here. */
async function endingOf(engine: SpawnedEngine, error: unknown): Promise<Ending> {
  const refusal: Ending = {
    how: 'died',
    reason: `could not begin: ${messageOf(error)}`,
    unit: null,
    item: null,
  }
  const ending = await Promise.race([engine.ended, Promise.resolve(refusal)])
  await engine.terminate()
  return ending
}
