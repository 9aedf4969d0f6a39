// The alert that the journal cannot be written, as on a full disk. While that lasts nothing is committed, so
// people hear of it when it is over: the alert stays open for a while then, for they must be told that
// nothing was acknowledged meanwhile.

import type { Clock } from '../../base/clock.ts'
import { formatDuration } from '../../base/quantities.ts'
import type { OwnAlerts } from './own-alerts.ts'

const KEY = 'journal'
const LOOK_MS = 5_000
/** How long the alert stays open when the journal can be written again. */
const OPEN_MS = 60_000

export interface JournalAlertPorts {
  readonly clock: Clock
  readonly alerts: Pick<OwnAlerts, 'raise' | 'resolve'>
  /** Why commits fail, as a sentence; `null` when they do not. */
  readonly trouble: () => string | null
}

export class JournalAlert {
  readonly #ports: JournalAlertPorts
  #sinceAt: number | null = null
  #overAt: number | null = null
  #cancel: (() => void) | undefined

  constructor(ports: JournalAlertPorts) {
    this.#ports = ports
  }

  start(): void {
    this.#cancel = this.#ports.clock.after(LOOK_MS, () => {
      this.#look()
      this.start()
    })
  }

  async stop(): Promise<void> {
    this.#cancel?.()
  }

  #look(): void {
    const { clock, alerts, trouble } = this.#ports
    const sentence = trouble()
    const now = clock.now()
    if (sentence !== null) {
      this.#sinceAt ??= now
      this.#overAt = null
      alerts.raise(KEY, { title: 'The journal cannot be written', body: sentence, severity: 'critical' })
    } else if (this.#sinceAt !== null) {
      this.#overAt ??= now
      if (now - this.#overAt < OPEN_MS) return
      const body = `It could not be written for ${formatDuration(this.#overAt - this.#sinceAt)}.`
      this.#sinceAt = this.#overAt = null
      alerts.resolve(KEY, { title: 'The journal is written again', body })
    }
  }
}
