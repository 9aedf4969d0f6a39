// Writes the decisions of the engine. The caller holds a savepoint: this writes a whole change, or throws,
// and then the caller rolls back.

import type { Database } from 'better-sqlite3'
import type { Clock } from '../../base/clock.ts'
import type { Run, Step } from '../../model/run.ts'
import type { Change, RuleState, RunChange, StepChange } from '../../model/store.ts'
import { STAGES } from '../../model/verdict.ts'
import type { Verdict } from '../../model/verdict.ts'
import type { NameNumbers } from '../database/names.ts'

export class ChangeWriter {
  readonly #clock: Clock
  readonly #rules: NameNumbers
  readonly #sql

  constructor(db: Database, rules: NameNumbers, clock: Clock) {
    this.#clock = clock
    this.#rules = rules
    this.#sql = prepare(db)
  }

  write(change: Change): void {
    if (change.cursor !== undefined) this.#moveCursor(change.cursor)
    for (const { run, steps } of change.newRuns ?? []) {
      this.#addRun(run)
      for (const step of steps) this.#addStep(step)
    }
    for (const step of change.newSteps ?? []) this.#addStep(step)
    for (const run of change.runs ?? []) this.#changeRun(run)
    for (const step of change.steps ?? []) this.#changeStep(step)
    for (const verdict of change.verdicts ?? []) this.#addVerdict(verdict)
    for (const state of change.ruleStates ?? []) this.#writeRuleState(state)
    if (change.announced) this.#sql.announce.run(JSON.stringify(change.announced))
  }

  #moveCursor(cursor: number): void {
    const { changes } = this.#sql.moveCursor.run(cursor, cursor)
    if (changes === 0) throw new RangeError(`The cursor cannot go back to event ${cursor}.`)
  }

  #addRun(run: Run): void {
    const { id, rule, key, event, state, plannedAt, startedAt, endedAt, reason, details } = run
    const { addRun } = this.#sql
    addRun.run(id, rule, key, event, state, plannedAt, startedAt, endedAt, reason, json(details))
  }

  #addStep(step: Step): void {
    this.#sql.addStep.run(
      step.run,
      step.path,
      step.state,
      step.attempt,
      step.cutOffs,
      step.wakeAt,
      step.startedAt,
      step.endedAt,
      json(step.spec),
      json(step.outcome),
      json(step.process),
    )
  }

  #changeRun(run: RunChange): void {
    const { changes } = this.#sql.changeRun.run(run.state, run.startedAt, run.endedAt, run.reason, run.id)
    if (changes === 0) throw new RangeError(`There is no run ${run.id} to change.`)
  }

  #changeStep(step: StepChange): void {
    const { run, path, attempt, outcome, state } = step
    if (attempt > 1 || (attempt === 1 && isFollowed(step))) this.#recordAttempts(step)
    const { changes } = this.#sql.changeStep.run(
      state,
      attempt,
      step.cutOffs,
      step.wakeAt,
      step.startedAt,
      step.endedAt,
      json(outcome),
      step.spec === undefined ? 0 : 1,
      json(step.spec),
      step.process === undefined ? 0 : 1,
      json(step.process),
      run,
      path,
    )
    if (changes === 0) throw new RangeError(`There is no step ${path} of run ${run} to change.`)
  }

  /**
   * Gives each attempt of a step a row of its own. A step with one attempt needs none: the step holds its
   * data.
   */
  #recordAttempts({ run, path, state, attempt, startedAt, endedAt, outcome }: StepChange): void {
    const now = this.#clock.now()
    if (attempt === 1) this.#sql.beginAttempt.run(run, path, 1, startedAt ?? now)
    else this.#sql.addFirstAttempt.run(now, run, path)
    if (state === 'running') this.#sql.beginAttempt.run(run, path, attempt, now)
    else if (state !== 'pending' && outcome !== null)
      this.#sql.endAttempt.run(endedAt ?? now, json(outcome), run, path, attempt)
  }

  #addVerdict({ event, rule, key, stage, reason, at }: Verdict): void {
    this.#sql.addVerdict.run(event, this.#rules.of(rule), key, STAGES.indexOf(stage), reason, at)
  }

  #writeRuleState({ rule, key, state, wakeAt }: RuleState): void {
    if (state === null) this.#sql.dropRuleState.run(rule, key)
    else this.#sql.putRuleState.run(rule, key, json(state), wakeAt)
  }
}

const prepare = (db: Database) => ({
  moveCursor: db.prepare('UPDATE journal SET cursor = ? WHERE cursor <= ?'),
  addRun: db.prepare(
    `INSERT INTO runs (id, rule, key, event, state, planned_at, started_at, ended_at, reason, details)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  addStep: db.prepare(
    `INSERT INTO steps
       (run, path, state, attempt, cut_offs, wake_at, started_at, ended_at, spec, outcome, process)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  // `announced` is reset, so that a run which goes on and ends again is announced again.
  changeRun: db.prepare(
    'UPDATE runs SET state = ?, started_at = ?, ended_at = ?, reason = ?, announced = 0 WHERE id = ?',
  ),
  changeStep: db.prepare(
    `UPDATE steps SET state = ?, attempt = ?, cut_offs = ?, wake_at = ?, started_at = ?, ended_at = ?,
       outcome = ?, spec = iif(?, ?, spec), process = iif(?, ?, process)
     WHERE run = ? AND path = ?`,
  ),
  addFirstAttempt: db.prepare(
    `INSERT INTO attempts (run, path, attempt, started_at, ended_at, outcome)
     SELECT run, path, 1, coalesce(started_at, ?), ended_at, outcome FROM steps
     WHERE run = ? AND path = ? AND attempt = 1 ON CONFLICT DO NOTHING`,
  ),
  // An attempt that a crash cut off is made again under the same number.
  beginAttempt: db.prepare(
    'INSERT INTO attempts (run, path, attempt, started_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  ),
  endAttempt: db.prepare(
    `UPDATE attempts SET ended_at = ?, outcome = ?
     WHERE run = ? AND path = ? AND attempt = ? AND ended_at IS NULL`,
  ),
  addVerdict: db.prepare(
    `INSERT INTO verdicts (event, rule, key, stage, reason, at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET reason = excluded.reason, at = excluded.at`,
  ),
  putRuleState: db.prepare(
    `INSERT INTO rule_states (rule, key, state, wake_at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET state = excluded.state, wake_at = excluded.wake_at`,
  ),
  dropRuleState: db.prepare('DELETE FROM rule_states WHERE rule = ? AND key = ?'),
  announce: db.prepare('UPDATE runs SET announced = 1 WHERE id IN (SELECT value FROM json_each(?))'),
})

/** Whether another attempt is due or will be. A step that waits without an outcome is a `wait` in its only one. */
const isFollowed = ({ state, outcome }: StepChange): boolean =>
  state === 'pending' || (state === 'waiting' && outcome !== null)

const json = (value: unknown): string | null =>
  value === null || value === undefined ? null : JSON.stringify(value)
