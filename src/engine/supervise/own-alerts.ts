// The alerts that the hub raises about itself: commands like those of anybody else, which the engine takes as
// soon as one is at work. Each is raised and resolved once, also by a hub that was started since.

import type { Log } from '../../base/log.ts'
import type { Alert, Severity } from '../../model/alert.ts'
import type { Publication } from '../../model/event.ts'
import { hubMessage } from '../../model/hub-message.ts'
import { alertCommandTopic } from '../../topics/alert-topic.ts'

export interface OwnAlert {
  readonly title: string
  readonly body: string
  readonly severity: Severity
}

interface OwnAlertPorts {
  readonly root: string
  readonly log: Log
  readonly publish: (publication: Publication) => Promise<number>
  /** Those that a hub before this one has left open: see `Journal`. */
  readonly left: readonly Pick<Alert, 'key' | 'body'>[]
}

export class OwnAlerts {
  readonly #ports: OwnAlertPorts
  /** What was said last of each open one, by its key. */
  readonly #open: Map<string, string>

  constructor(ports: OwnAlertPorts) {
    this.#ports = ports
    this.#open = new Map(ports.left.map(({ key, body }) => [key, body]))
  }

  /** Keys of the open ones that begin with this. */
  open(prefix: string): readonly string[] {
    return [...this.#open.keys()].filter((key) => key.startsWith(prefix))
  }

  raise(key: string, alert: OwnAlert): void {
    if (this.#open.get(key) === alert.body) return
    this.#open.set(key, alert.body)
    this.#publish(hubMessage(alertCommandTopic(key, 'raise', this.#ports.root), alert))
  }

  /** @param words what is told in place of what the alert said */
  resolve(key: string, words: Partial<Pick<OwnAlert, 'title' | 'body'>> = {}): void {
    if (!this.#open.delete(key)) return
    this.#publish(hubMessage(alertCommandTopic(key, 'resolve', this.#ports.root), words))
  }

  #publish(message: Publication): void {
    const { publish, log } = this.#ports
    publish(message).catch((error: unknown) =>
      log.error({ err: error }, `${message.topic} could not be published.`),
    )
  }
}
