// What an engine leaves alone because it has taken another one down: files that are not loaded, rules that are not asked.

import type { UserUnit } from '../contain/pulse.ts'

export interface Avoided {
  readonly spoiltFiles: readonly string[]
  readonly quarantined: readonly string[]
}

export const NOTHING_AVOIDED: Avoided = { spoiltFiles: [], quarantined: [] }

export const avoiding = ({ spoiltFiles, quarantined }: Avoided, { kind, name }: UserUnit): Avoided =>
  kind === 'rule'
    ? { spoiltFiles, quarantined: [...quarantined, name] }
    : { spoiltFiles: [...spoiltFiles, name], quarantined }

export const unitsOf = ({ spoiltFiles, quarantined }: Avoided): readonly UserUnit[] => [
  ...spoiltFiles.map((name) => ({ kind: 'file', name }) as const),
  ...quarantined.map((name) => ({ kind: 'rule', name }) as const),
]
