// Where the engine steps into code of the user: whose it is stands in the pulse meanwhile, and in the black box while that is
// kept; what is quarantined is left alone.

import type { BlackBoxWriter } from './black-box.ts'
import type { PulseWriter, Unit, UserUnit } from './pulse.ts'

export class UserCode {
  readonly #pulse: PulseWriter
  readonly #quarantined: ReadonlySet<string>
  readonly #name: (units: readonly UserUnit[]) => void
  readonly #units = { file: new Map<string, Unit>(), rule: new Map<string, Unit>() }
  #named = 0
  #box: BlackBoxWriter | undefined

  /** @param name gives the next numbers of pulse.ts to these units */
  constructor(
    pulse: PulseWriter,
    quarantined: readonly string[],
    name: (units: readonly UserUnit[]) => void,
    box?: BlackBoxWriter,
  ) {
    this.#pulse = pulse
    this.#quarantined = new Set(quarantined)
    this.#name = name
    this.#box = box
  }

  nameFiles(files: readonly string[]): void {
    this.#give(files.map((name) => ({ kind: 'file', name })))
  }

  nameRules(rules: readonly string[]): void {
    this.#give(rules.map((name) => ({ kind: 'rule', name })))
  }

  isQuarantined(rule: string): boolean {
    return this.#quarantined.has(rule)
  }

  /** Runs a synchronous piece of a rule's code. */
  within<T>(rule: string, code: () => T): T {
    this.#enter('rule', rule)
    try {
      return code()
    } finally {
      this.leave()
    }
  }

  /** The code of this file runs from here until `leave`. */
  enterFile(file: string): void {
    this.#enter('file', file)
  }

  leave(): void {
    this.#pulse.leave()
    this.#box?.leave()
  }

  /** No code of the user runs, and nothing hangs. */
  getsOn(): void {
    this.#pulse.beat()
  }

  /** From here on the pulse is enough. */
  closeBox(): void {
    this.#box?.stop()
    this.#box = undefined
  }

  #enter(kind: UserUnit['kind'], name: string): void {
    this.#box?.enter({ kind, name })
    this.#pulse.enter(this.#units[kind].get(name) ?? 0)
  }

  #give(units: readonly UserUnit[]): void {
    for (const { kind, name } of units) this.#units[kind].set(name, ++this.#named)
    this.#name(units)
  }
}
