// What an import comes to: files of a vigie folder, and sentences about what somebody has to see to.

/** A file of another program that cannot be read at all. */
export class ImportError extends Error {}

export interface ImportedFile {
  /** Relative to the folder of the configuration. */
  readonly name: string
  readonly text: string
}

export interface Imported {
  readonly files: readonly ImportedFile[]
  /** What was left out or needs a hand, in the order of the file that was read. */
  readonly notes: readonly string[]
  /** Commands that complete the import. */
  readonly next: readonly string[]
}
