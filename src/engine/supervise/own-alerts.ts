// The alerts that the hub raises about itself: commands like those of anybody else. Each is raised and
// resolved once, also by a hub that was started since.

import type { Log } from '../../base/log.ts'
import type { Severity } from '../../model/alert.ts'
import type { Publication } from '../../model/event.ts'
import { hubMessage, jsonIn } from '../../model/hub-message.ts'
import type { RetainedMessage } from '../../model/store.ts'
import { alertCommandTopic, alertTopic } from '../../topics/alert-topic.ts'

export interface OwnAlert {
  readonly title: string
  readonly body: string
  readonly severity: Severity
}

export interface OwnAlertPorts {
  readonly root: string
  readonly log: Log
  readonly publish: (publication: Publication) => Promise<number>
  /** The retained messages that a previous hub has left. */
  readonly retained: Iterable<Pick<RetainedMessage, 'topic' | 'payload'>>
}

export class OwnAlerts {
  readonly #ports: OwnAlertPorts
  /** What was said last of each open one, by its key. */
  readonly #open = new Map<string, string>()

  constructor(ports: OwnAlertPorts) {
    this.#ports = ports
    const prefix = alertTopic('', ports.root)
    for (const { topic, payload } of ports.retained) {
      if (!topic.startsWith(prefix)) continue
      const { key, state, body } = (jsonIn(payload) ?? {}) as Readonly<Record<string, unknown>>
      if (typeof key === 'string' && typeof body === 'string' && state !== 'resolved')
        this.#open.set(key, body)
    }
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

  /**
   * Raises an alert of which no engine may take notice for a while: clients see at once that it fires, and a
   * hub that is started before one does knows what to resolve.
   * @param at now, as an ISO date
   */
  raiseAtOnce(key: string, alert: OwnAlert, at: string): void {
    if (this.#open.get(key) === alert.body) return
    const report = { key, state: 'firing', ...alert, since: at, at, count: 1 }
    this.#publish(hubMessage(alertTopic(key, this.#ports.root), report, { retain: true }))
    this.raise(key, alert)
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
