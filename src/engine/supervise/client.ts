// The engine as the network thread sees it. After one call of `start` there is always an engine in charge.

import { readdir } from 'node:fs/promises'
import type { MessagePort } from 'node:worker_threads'
import { OUTPUT_BYTES } from '../../actions/context.ts'
import { NO_ALERT_SETTINGS } from '../../model/alert-settings.ts'
import type { AlertSettings } from '../../model/alert-settings.ts'
import { systemClock } from '../../base/clock.ts'
import { createLog } from '../../base/log.ts'
import type { LogOptions } from '../../base/log.ts'
import type { Coordinates } from '../../calendar/sun.ts'
import type { Publication } from '../../model/event.ts'
import type { Conditions } from '../../model/health.ts'
import type { EngineStatus } from '../../model/hub-status.ts'
import { PACKET_BYTES } from '../../model/publication-size.ts'
import type { RuleView } from '../../model/rule-view.ts'
import type { RerunAnswer, RerunOrder, RunAnswer, RunChange } from '../../model/run.ts'
import type { WatchedProcesses } from '../../model/watch.ts'
import { FolderWatch } from './folder-watch.ts'
import { openNews } from './news.ts'
import type { NewsPorts } from './news.ts'
import { NOBODY_SUSPECTED } from './blame.ts'
import type { Circumstances } from './blame.ts'
import { beginEngine } from '../contain/spawn.ts'
import type { BegunEngine } from '../contain/spawn.ts'
import type { Attachment } from '../../model/attachment.ts'
import { Supervisor } from './supervisor.ts'
import type { EngineHost, Received, WorkLimits } from '../protocol.ts'

/** What is known of an engine before anything of the hub is at work. */
export interface EngineSettings {
  readonly rulesDir: string
  readonly dataDir: string
  /** The first level of the hub's own topics: `vigie`. */
  readonly root: string
  /** The position of the hub, for the sun. */
  readonly place?: Coordinates | undefined
  /** The shared subscription of another broker at which the hub works. */
  readonly attachment?: Attachment | undefined
  readonly log: LogOptions
  /** Whom the hub tells of alerts; by default nobody. */
  readonly alerts?: AlertSettings
  /** Bytes that are kept of each output of a command, and of the body of an answer. */
  readonly outputBytes?: number | undefined
  /** The largest packet that a rule may publish. */
  readonly packetBytes?: number | undefined
  /** The folder in which secrets lie as files. */
  readonly secretsDir?: string | undefined
  readonly limits?: WorkLimits
  /** Code of a rule that runs for this long without progress counts as hanging. */
  readonly hangLimitMs?: number
  readonly heapLimitMiB?: number
}

export interface EngineOptions extends EngineSettings {
  /** The first engine, if it has begun already, with the same settings. */
  readonly begun?: BegunEngine
  /** Opens a line of bytes to the journal for a new engine; see `Journal`. */
  readonly engineEnd: () => MessagePort
  /** Resolves with the event's id when it is committed. */
  readonly publish: (publication: Publication) => Promise<number>
  /** Publishes retained messages as events; see `Broker.recall`. */
  readonly recall: EngineHost['recall']
  /**
   * Returns the id of the newest event that was received, or that tells of a pause of the hub until now; it
   * may not be committed yet.
   */
  readonly lastEventId: () => number
  /** Where the hub raises and resolves alerts about itself. */
  readonly ownAlerts: NewsPorts['alerts']
  /** Takes the MQTT filters of the events for which a rule waits: they have to be journalled. */
  readonly setInterest: (filters: readonly string[]) => void
  /** The time that steps under way have to end when the hub stops. */
  readonly patienceMs?: number
}

export interface Engine {
  /** The status of the engine, its rules, and the problems of loading. */
  status(): Promise<EngineStatus>
  /** The conditions of health that depend on the engine. */
  conditions(): Pick<Conditions, 'rules' | 'engine'>
  /** Loads the folder anew now; resolves when the new rules are in force or refused. */
  reload(): Promise<void>
  /** What the watches look at; `null` when no engine answers. */
  processes(): Promise<WatchedProcesses | null>
  /** The rules in force; `null` when no engine answers. */
  rules(): Promise<readonly RuleView[] | null>
  /** Asks the engine in charge for a change of a run, and says what came of it. */
  changeRun(id: number, change: RunChange): Promise<RunAnswer>
  /** Asks the engine in charge to run a run once more, as a new run. */
  rerun(id: number, order: RerunOrder): Promise<RerunAnswer>
  /**
   * Resolves when all is quiet; may be called twice. Steps that take too long are performed again after the
   * next start.
   */
  stop(): Promise<void>
}

const LIMITS: WorkLimits = { steps: { total: 16, perRule: 8 }, requests: { total: 256, perRule: 64 } }
const HANG_LIMIT_MS = 5_000
/** The most looks at the engine within the time after which it counts as hanging. */
const LOOKS = 5
/** Never more often than this, however soon one hangs: a machine may be slow. */
const LOOK_MS = 1_000
const HEAP_LIMIT_MIB = 512
const PATIENCE_MS = 10_000

/**
 * Begins the first engine before the rest of the hub is there: it takes as long to load the hub's code as the
 * hub itself. It looks neither at the rules nor at the journal before `startEngine`. The data folder has to
 * exist.
 */
export const beginFirstEngine = (settings: EngineSettings): BegunEngine => begin(settings, NOBODY_SUSPECTED)

function begin(settings: EngineSettings, circumstances: Circumstances): BegunEngine {
  const { rulesDir, dataDir, root, place, log } = settings
  return beginEngine({
    data: {
      rulesDir,
      root,
      place,
      attachment: settings.attachment ?? null,
      dataDir,
      log,
      limits: settings.limits ?? LIMITS,
      alerts: settings.alerts ?? NO_ALERT_SETTINGS,
      outputBytes: settings.outputBytes ?? OUTPUT_BYTES,
      packetBytes: settings.packetBytes ?? PACKET_BYTES,
      secretsDir: settings.secretsDir ?? null,
      ...circumstances,
    },
    hangLimitMs: settings.hangLimitMs ?? HANG_LIMIT_MS,
    heapLimitMiB: settings.heapLimitMiB ?? HEAP_LIMIT_MIB,
  })
}

/**
 * Resolves when the rules are loaded, their interest is given, and events are taken; or when the rules cannot
 * be read, or no engine has come up, for whatever reason: then all events are kept, and engines are begun
 * until one gets on.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { rulesDir, root, publish, recall, lastEventId, setInterest, engineEnd, ownAlerts } = options
  const clock = systemClock
  const { hangLimitMs = HANG_LIMIT_MS } = options
  let { begun } = options
  const log = createLog('engine', options.log)
  const news = openNews({ root, clock, log, publish, alerts: ownAlerts })
  const received = (): Received => {
    // The time comes first: if the hub is held up between the two, the answer is about the time before.
    const at = clock.now()
    return { id: lastEventId(), at }
  }
  const publishAll = (
    publications: readonly Publication[],
  ): Promise<readonly PromiseSettledResult<number>[]> =>
    Promise.allSettled(publications.map(async (publication) => publish(publication)))
  const folder = new FolderWatch({
    rulesDir,
    dataDir: options.dataDir,
    clock,
    log,
    changed() {
      supervisor.reload().catch((error: unknown) => log.error({ err: error }, 'The rules were not reloaded.'))
    },
  })
  const supervisor = new Supervisor({
    clock,
    log,
    news,
    setInterest,
    setInterestInAll: () => setInterest(['#', `${root}/#`]),
    dependOn: (beyond) => folder.alsoWatch(beyond),
    canReadRules: () =>
      readdir(rulesDir).then(
        () => true,
        () => false,
      ),
    lookEveryMs: Math.max(LOOK_MS, hangLimitMs / LOOKS),
    spawn(host, circumstances) {
      const engine = begun ?? begin(options, circumstances)
      begun = undefined
      return engine.connect({ ...host, publish: publishAll, recall, received }, engineEnd())
    },
  })
  try {
    await folder.start()
    await supervisor.start()
  } catch (error) {
    await folder.stop()
    throw error
  }
  news.started()
  return {
    async status() {
      const status = await supervisor.status()
      return { ...status, behind: status.now && Math.max(0, lastEventId() - status.now.cursor) }
    },
    conditions: () => supervisor.conditions(),
    reload: () => supervisor.reload(),
    processes: () => supervisor.processes(),
    rules: () => supervisor.rules(),
    changeRun: (id, change) => supervisor.changeRun(id, change),
    rerun: (id, order) => supervisor.rerun(id, order),
    async stop() {
      await folder.stop()
      await supervisor.stop(options.patienceMs ?? PATIENCE_MS)
    },
  }
}
