// The thread in which rules are looked at: loaded as an engine loads them, and asked what they would make of
// a message. Nothing is performed and nothing is written.

import { constants, setPriority } from 'node:os'
import { workerData } from 'node:worker_threads'
import { callsTo, serveCalls } from '../../base/calls.ts'
import { keepCompiled } from '../../base/compiled.ts'
import { markEngineProcess } from '../../base/hub-process.ts'
import { openEngineReads } from '../../journal/queries/reads.ts'
import type { Coordinates } from '../../calendar/sun.ts'
import type { Event } from '../../model/event.ts'
import { isPausedAt, pausedReason } from '../../model/rule-pause.ts'
import type { EngineReads } from '../../model/store.ts'
import { explainRule } from '../../rules/explain/explain.ts'
import type { Circumstances, Explanation } from '../../rules/explain/explain.ts'
import { isOwnRule } from '../../rules/compile.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import { overlapsOf } from '../../rules/compile/overlaps.ts'
import type { Overlap } from '../../rules/compile/overlaps.ts'
import { writeAtOnce } from '../contain/at-once.ts'
import { DESCRIPTORS, openPipe } from '../contain/descriptors.ts'
import { holdGlobals } from '../contain/globals.ts'
import { guardProcess } from '../contain/guards.ts'
import { openUserCode } from '../contain/inside.ts'
import { loadRules } from '../load/load-rules.ts'
import type { LoadedRules } from '../load/load-rules.ts'
import type { LoadReport } from '../protocol.ts'
import { containUserErrors } from '../load/user-errors.ts'
import { backtest } from '../virtual/backtest.ts'
import type { BacktestQuery, BacktestReport } from '../virtual/backtest.ts'

export interface InspectorData {
  readonly rulesDir: string
  readonly root: string
  /** The position of the hub, for the sun. */
  readonly place?: Coordinates | undefined
  /** Lets everything else on the machine go first; `false` where a person waits at a terminal. */
  readonly isPatient: boolean
  /** Keeps the black box after loading, too, to find out who brought an inspection before this one down. */
  readonly careful: boolean
}

export interface InspectionReport extends LoadReport {
  readonly overlaps: readonly Overlap[]
}

export interface Inspector {
  /** Must be called first. */
  load(): Promise<InspectionReport>
  /**
   * @param dataDir what rules remember, and the newest messages, are those of this journal; `null`: nothing
   * is known
   */
  explain(event: Event, dataDir: string | null): readonly Explanation[]
  /** Says what the rules would have done with the recorded events; see virtual/backtest.ts. */
  backtest(query: BacktestQuery, dataDir: string): Promise<BacktestReport>
}

/** The calls that whoever asks serves for the inspector. */
export interface InspectorHost {
  progress(events: number, of: number): void
}

const STANDARD_OUTPUT = 1

const { rulesDir, root, place, isPatient, careful, pulse } = workerData as InspectorData & {
  readonly pulse: SharedArrayBuffer
}
// Whoever asked is guarded from rules, as the hub is.
markEngineProcess()
holdGlobals()
if (isPatient) setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
const caller = openPipe('calls')
const host = callsTo<InspectorHost>(caller).remote
const userCode = openUserCode(pulse, [])
let loaded: LoadedRules | undefined

writeAtOnce(process.stdout, STANDARD_OUTPUT)
writeAtOnce(process.stderr, DESCRIPTORS.words)
containUserErrors(rulesDir, (said) => console.error(said), fail)
const exit = guardProcess()

serveCalls<Inspector>(caller, {
  async load() {
    loaded = await loadRules({ rulesDir, root, place }, userCode)
    if (!careful) userCode.closeBox()
    return { ...loaded.report, overlaps: overlapsOf({ root, rules: ofFiles(loaded.rules) }) }
  },
  explain(event, dataDir) {
    const { rules } = loaded!
    const reads = dataDir === null ? undefined : openEngineReads(dataDir)
    const circumstances = reads && circumstancesIn(reads, event.at)
    try {
      return ofFiles(rules).map((rule) =>
        userCode.within(rule.name, () => explainRule(rules, rule, event, circumstances)),
      )
    } finally {
      reads?.close()
    }
  },
  async backtest(query, dataDir) {
    const reads = openEngineReads(dataDir)
    try {
      return await backtest(
        loaded!.rules,
        reads,
        query,
        userCode,
        (events, of) => void host.progress(events, of),
      )
    } finally {
      reads.close()
    }
  },
})
// This comes before any rule is loaded: otherwise every version of the rules would be kept, too.
keepCompiled()

function fail(error: unknown): void {
  console.error(error)
  exit(1)
}

/** @param now a pause that has an end before is over, though no hub has said so */
function circumstancesIn(reads: EngineReads, now: number): Circumstances {
  const known = new Map(reads.ruleStates().map(({ rule, key, state }) => [`${rule}\0${key}`, state]))
  const pauses = new Map(reads.rulePauses().map((pause) => [pause.rule, pause]))
  return {
    pausedBecause(rule) {
      const pause = pauses.get(rule)
      return pause && isPausedAt(pause, now) ? pausedReason(pause) : undefined
    },
    world: { last: (topic) => reads.lastOn(topic, Number.MAX_SAFE_INTEGER) },
    state: (rule, key) => known.get(`${rule}\0${key}`) ?? null,
  }
}

/** The rules that somebody has written, and not those of the hub itself. */
const ofFiles = ({ rules }: Pick<RuleSet, 'rules'>): RuleSet['rules'] =>
  rules.filter(({ name }) => !isOwnRule(name))
