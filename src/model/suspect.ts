// Suspects for the end of an engine: a piece of user code, or the event or run that the engine was working
// on.

/** Code of the user that may take the engine down. */
export interface UserUnit {
  readonly kind: 'file' | 'rule' | 'ping'
  readonly name: string
}

/** The event that the rules are being asked about, or the run that is being read from the store. */
export interface WorkItem {
  readonly kind: 'event' | 'run'
  readonly id: number
}
