// Reads runs, steps and attempts.

import type { Database } from 'better-sqlite3'
import type { ActionSpec, ProcessIdentity } from '../../model/action.ts'
import type { Outcome } from '../../model/outcome.ts'
import { byPath } from '../../model/run.ts'
import type { Attempt, FiringDetails, Run, Step } from '../../model/run.ts'

export interface RunWithSteps {
  readonly run: Run
  readonly steps: readonly Step[]
}

/** A step as a row, with JSON in the columns of type TEXT. */
interface StepRow extends Omit<Step, 'spec' | 'outcome' | 'process'> {
  readonly spec: string | null
  readonly outcome: string | null
  readonly process: string | null
}

/** A run as a row, with JSON in a column of type TEXT. */
export interface RunRow extends Omit<Run, 'details'> {
  readonly details: string | null
}

export const RUN_COLUMNS =
  'id, rule, key, event, state, planned_at AS plannedAt, started_at AS startedAt, ended_at AS endedAt, ' +
  'reason, details'

export const runFrom = ({ details, ...row }: RunRow): Run => ({
  ...row,
  ...(details !== null && { details: JSON.parse(details) as FiringDetails }),
})

export class RunRows {
  readonly #run
  readonly #steps
  readonly #attempts

  constructor(db: Database) {
    this.#run = db.prepare<[number], RunRow>(`SELECT ${RUN_COLUMNS} FROM runs WHERE id = ?`)
    this.#steps = db.prepare<[number], StepRow>(
      `SELECT run, path, spec, state, attempt, cut_offs AS cutOffs, wake_at AS wakeAt,
         started_at AS startedAt, ended_at AS endedAt, outcome, process
       FROM steps WHERE run = ?`,
    )
    this.#attempts = db.prepare<[number], Omit<Attempt, 'outcome'> & { readonly outcome: string | null }>(
      `SELECT path, attempt, started_at AS startedAt, ended_at AS endedAt, outcome
       FROM attempts WHERE run = ?`,
    )
  }

  head(id: number): Run | undefined {
    const row = this.#run.get(id)
    return row && runFrom(row)
  }

  run(id: number): RunWithSteps | undefined {
    const run = this.head(id)
    return run && this.withSteps(run)
  }

  withSteps(run: Run): RunWithSteps {
    return { run, steps: this.#steps.all(run.id).map(stepOf).toSorted(byPath) }
  }

  /** Reads all attempts of a run. An attempt without a row is a step's only one: the step holds its data. */
  attempts(run: number): Attempt[] {
    const rows = this.#attempts
      .all(run)
      .map(({ outcome, ...row }) => ({ ...row, outcome: parsed(outcome) as Outcome | null }))
    const withRows = new Set(rows.map(({ path }) => path))
    const once = this.#steps
      .all(run)
      .map(stepOf)
      .flatMap(({ path, attempt, startedAt, endedAt, outcome }) =>
        attempt === 0 || startedAt === null || withRows.has(path)
          ? []
          : [{ path, attempt, startedAt, endedAt, outcome }],
      )
    return [...rows, ...once].toSorted((a, b) => byPath(a, b) || a.attempt - b.attempt)
  }
}

const stepOf = ({ spec, outcome, process, ...row }: StepRow): Step => ({
  ...row,
  spec: parsed(spec) as ActionSpec | null,
  outcome: parsed(outcome) as Outcome | null,
  process: parsed(process) as ProcessIdentity | null,
})

const parsed = (json: string | null): unknown => (json === null ? null : JSON.parse(json))
