// What is told of bridges: a retained message under the hub's root and one in `$SYS` as Mosquitto's
// dashboards expect it, and the alerts of the hub about a bridge that stays down or that has lost messages.

import type { Clock } from '../base/clock.ts'
import type { BridgeStatus } from '../model/bridge.ts'
import type { Publication } from '../model/event.ts'
import { hubMessage } from '../model/hub-message.ts'
import { topicLevel } from '../topics/escape.ts'

/** The alerts that the hub raises about itself. */
export interface BridgeAlerts {
  open(prefix: string): readonly string[]
  raise(
    key: string,
    alert: { readonly title: string; readonly body: string; readonly severity: 'warning' | 'critical' },
  ): void
  resolve(key: string, words?: { readonly title?: string; readonly body?: string }): void
}

export interface ReportPorts {
  readonly clock: Clock
  readonly root: string
  readonly publish: (publication: Publication) => void
  readonly alerts: BridgeAlerts
}

const PREFIX = 'bridge/'
const LOST = '/lost'

export class Reports {
  readonly #ports: ReportPorts
  readonly #clientId: string
  readonly #alertAfterMs: number
  #state = ''
  #told = ''
  #cancelAlert: (() => void) | undefined
  #lostBefore: number | undefined

  constructor(ports: ReportPorts, clientId: string, alertAfterMs: number) {
    this.#ports = ports
    this.#clientId = clientId
    this.#alertAfterMs = alertAfterMs
  }

  stop(): void {
    this.#cancelAlert?.()
  }

  /** @param status how the bridge is now, also when the alert falls due */
  tell(status: BridgeStatus, now: () => BridgeStatus): void {
    const { name, state, since, address, version, reason, lost } = status
    const { root, publish } = this.#ports
    const said = { name, state, since: new Date(since).toISOString(), address, version, reason, lost }
    const text = JSON.stringify({ ...said, since: 0 })
    if (text !== this.#told)
      publish(hubMessage(`${root}/bridges/${topicLevel(name)}`, said, { retain: true }))
    this.#told = text
    this.#tellSystem(state === 'connected' ? '1' : '0')
    this.#tellAlert(status, now)
    this.#tellLost(name, lost)
  }

  #tellSystem(state: '0' | '1'): void {
    if (state === this.#state) return
    this.#state = state
    this.#ports.publish({
      topic: `$SYS/broker/connection/${topicLevel(this.#clientId)}/state`,
      payload: Buffer.from(state),
      qos: 1,
      retain: true,
      origin: 'hub',
      cause: null,
    })
  }

  #tellAlert({ name, state, address }: BridgeStatus, now: () => BridgeStatus): void {
    const { clock, alerts } = this.#ports
    const key = PREFIX + name
    if (state === 'connected' || state === 'idle') {
      this.#cancelAlert?.()
      this.#cancelAlert = undefined
      if (alerts.open(key).includes(key))
        alerts.resolve(key, {
          title: `The bridge "${name}" is up again`,
          body: `It is connected to ${address}.`,
        })
      return
    }
    if (state === 'stopped') return
    this.#cancelAlert ??= clock.after(this.#alertAfterMs, () => {
      const { reason, behind } = now()
      const why = reason ?? `${address} has not answered yet.`
      const waiting = behind === 0 ? '' : ' What is to be sent waits in the history.'
      alerts.raise(key, { title: `The bridge "${name}" is down`, body: why + waiting, severity: 'warning' })
    })
  }

  #tellLost(name: string, lost: number): void {
    const before = this.#lostBefore
    this.#lostBefore = lost
    if (before === undefined || lost <= before) return
    this.#ports.alerts.raise(`${PREFIX}${name}${LOST}`, {
      title: `The bridge "${name}" has lost messages`,
      body:
        `History has forgotten ${lost} message${lost === 1 ? '' : 's'} before the other side had ` +
        'acknowledged them. Keep more of it (history.keep, history.maxSize) if the other side may be away for so long.',
      severity: 'critical',
    })
  }
}
