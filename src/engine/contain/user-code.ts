// The place at which the engine enters user code. The pulse, and the black box while it is kept, say whose
// code runs. Quarantined code is not run.

import type { BlackBoxWriter } from './box-writer.ts'
import type { UserUnit, WorkItem } from '../../model/suspect.ts'
import type { PulseWriter, Unit } from './pulse.ts'

export class UserCode {
  readonly #pulse: PulseWriter
  readonly #quarantined: ReadonlySet<string>
  readonly #name: (units: readonly UserUnit[]) => void
  readonly #units = {
    file: new Map<string, Unit>(),
    rule: new Map<string, Unit>(),
    ping: new Map<string, Unit>(),
  }
  #named = 0
  #box: BlackBoxWriter | undefined

  /**
   * @param quarantined units that are not run
   * @param name gives the next numbers of pulse.ts to these units
   */
  constructor(
    pulse: PulseWriter,
    quarantined: readonly UserUnit[],
    name: (units: readonly UserUnit[]) => void,
    box?: BlackBoxWriter,
  ) {
    this.#pulse = pulse
    this.#quarantined = new Set(quarantined.map(idOf))
    this.#name = name
    this.#box = box
    pulse.isBoxed = box !== undefined
    box?.enter(null)
  }

  /** Gives these units their numbers; before that they run without a name. */
  nameUnits(kind: UserUnit['kind'], names: readonly string[]): void {
    for (const name of names) this.#units[kind].set(name, ++this.#named)
    this.#name(names.map((name) => ({ kind, name })))
  }

  isQuarantined(rule: string): boolean {
    return this.isLeftAlone('rule', rule)
  }

  isLeftAlone(kind: UserUnit['kind'], name: string): boolean {
    return this.#quarantined.size > 0 && this.#quarantined.has(idOf({ kind, name }))
  }

  /**
   * Runs a synchronous piece of a rule's code: a function, or a pattern on a text that is not the rule's own.
   */
  within<T>(rule: string, code: () => T): T {
    return this.withinUnit('rule', rule, code)
  }

  withinUnit<T>(kind: UserUnit['kind'], name: string, code: () => T): T {
    this.#enter(kind, name)
    try {
      return code()
    } finally {
      this.leave()
    }
  }

  /** Notes that the code of this file runs, until `leave`. */
  enterFile(file: string): void {
    this.#enter('file', file)
  }

  leave(): void {
    this.#pulse.leave()
    this.#box?.enter(null)
  }

  /** Notes the event or run that the engine works on from here on; `null` for none. */
  turnTo(item: WorkItem | null): void {
    this.#pulse.turnTo(item)
    this.#box?.turnTo(item)
  }

  /** Gives a sign of progress: no user code runs, and nothing hangs. */
  getsOn(): void {
    this.#pulse.beat()
  }

  /** Stops keeping the black box: from here on the pulse is enough. */
  closeBox(): void {
    this.#box?.stop()
    this.#box = undefined
    this.#pulse.isBoxed = false
  }

  #enter(kind: UserUnit['kind'], name: string): void {
    this.#box?.enter({ kind, name })
    this.#pulse.enter(this.#units[kind].get(name) ?? 0)
  }
}

const idOf = ({ kind, name }: UserUnit): string => `${kind} ${name}`
