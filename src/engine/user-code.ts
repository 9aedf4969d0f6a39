// Where the engine steps into code of the user: whose it is stands in the pulse meanwhile, and what is quarantined is left alone.

import type { PulseWriter, Unit, UserUnit } from './pulse.ts'

export class UserCode {
  readonly #pulse: PulseWriter
  readonly #quarantined: ReadonlySet<string>
  readonly #name: (units: readonly UserUnit[]) => void
  readonly #units = { file: new Map<string, Unit>(), rule: new Map<string, Unit>() }
  #named = 0

  /** @param name gives the next numbers of pulse.ts to these units */
  constructor(
    pulse: PulseWriter,
    quarantined: readonly string[],
    name: (units: readonly UserUnit[]) => void,
  ) {
    this.#pulse = pulse
    this.#quarantined = new Set(quarantined)
    this.#name = name
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
    return this.#pulse.within(this.#units.rule.get(rule) ?? 0, code)
  }

  /** The code of this file runs from here until `leave`. */
  enterFile(file: string): void {
    this.#pulse.enter(this.#units.file.get(file) ?? 0)
  }

  leave(): void {
    this.#pulse.leave()
  }

  #give(units: readonly UserUnit[]): void {
    for (const { kind, name } of units) this.#units[kind].set(name, ++this.#named)
    this.#name(units)
  }
}
