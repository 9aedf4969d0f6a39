// What the end of an engine can be put down to: code of the user, or what the engine was busy with.

/** Code of the user that may take the engine down. */
export interface UserUnit {
  readonly kind: 'file' | 'rule' | 'ping'
  readonly name: string
}

/**
 * What the engine is busy with: an event that the rules are asked about, or a run that is read from the
 * store.
 */
export interface Task {
  readonly kind: 'event' | 'run'
  readonly id: number
}
