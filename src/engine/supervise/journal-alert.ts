// The alert that the journal cannot be written, as on a full disk. While that lasts nothing is committed, so
// people hear of it when it is over: the alert stays open for a while then, for they must be told that
// nothing was acknowledged meanwhile. An alert that a hub before this one left open ends the same way.

import type { Clock } from '../../base/clock.ts'
import { formatDuration } from '../../base/quantities.ts'
import type { OwnAlerts } from './own-alerts.ts'

const KEY = 'journal'
const LOOK_MS = 5_000
/** How long the alert stays open when the journal can be written again. */
const OPEN_MS = 60_000

export interface JournalAlertPorts {
  readonly clock: Clock
  readonly alerts: Pick<OwnAlerts, 'open' | 'raise' | 'resolve'>
  /** Why commits fail, as a sentence; `null` when they do not. */
  readonly trouble: () => string | null
}

export class JournalAlert {
  readonly #ports: JournalAlertPorts
  #isOpen: boolean
  /** When commits began to fail; `null` when that was before this hub began. */
  #sinceAt: number | null = null
  #overAt: number | null = null
  #cancel: (() => void) | undefined

  constructor(ports: JournalAlertPorts) {
    this.#ports = ports
    this.#isOpen = ports.alerts.open(KEY).includes(KEY)
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
      if (!this.#isOpen) this.#sinceAt = now
      this.#isOpen = true
      this.#overAt = null
      alerts.raise(KEY, { title: 'The journal cannot be written', body: sentence, severity: 'critical' })
    } else if (this.#isOpen) {
      this.#overAt ??= now
      if (now - this.#overAt < OPEN_MS) return
      alerts.resolve(KEY, { title: 'The journal is written again', body: this.#history(this.#overAt) })
      this.#isOpen = false
      this.#sinceAt = this.#overAt = null
    }
  }

  #history(overAt: number): string {
    if (this.#sinceAt === null) return 'It could not be written before this hub was started.'
    return `It could not be written for ${formatDuration(overAt - this.#sinceAt)}.`
  }
}
