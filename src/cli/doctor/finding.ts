// What `vigie doctor` finds: one sentence on one thing, and how to mend it where it is wrong.

import type { Config } from '../../config/config.ts'

export interface Finding {
  /** What was looked at: `ports`, `disk`, `channel phone`. */
  readonly about: string
  /** `warning`: it works, and may not for long, or not as well as it could. */
  readonly state: 'good' | 'warning' | 'bad'
  /** A sentence. */
  readonly says: string
  /** A sentence that says what to do; empty for what is good. */
  readonly mend: string
}

/** What the checks are told. */
export interface Patient {
  readonly config: Config
  readonly environment: NodeJS.ProcessEnv
  /** Unix ms. */
  readonly now: number
  /** Whether a hub runs on the data folder. */
  readonly isRunning: boolean
}

export const good = (about: string, says: string): Finding => ({ about, state: 'good', says, mend: '' })
export const warning = (about: string, says: string, mend: string): Finding => ({
  about,
  state: 'warning',
  says,
  mend,
})
export const bad = (about: string, says: string, mend: string): Finding => ({
  about,
  state: 'bad',
  says,
  mend,
})
