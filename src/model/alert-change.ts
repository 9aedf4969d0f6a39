// What people may say about an alert from the command line or over a link, and what comes of it.

/** Verbs of the commands about alerts, without `raise`. */
export const ALERT_CHANGES = ['ack', 'unack', 'silence', 'unsilence', 'resolve'] as const
export type AlertChange = (typeof ALERT_CHANGES)[number]

/** What came of a command, as the hub answers it. */
export type AlertAnswer =
  | ({ readonly ok: true } & AlertChanged)
  | { readonly ok: false; readonly reason: string }

export interface AlertChanged {
  /** The parts that people are told; absent where no alert is meant. */
  readonly alert?: { readonly state: string; readonly acknowledgedBy?: string }
  /** `until` is an ISO date. */
  readonly silence?: { readonly name: string; readonly until: string }
}
