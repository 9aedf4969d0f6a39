// Commands that raise alerts and are on their way: committed or not, they have not been taken yet. As long as
// one is, the alert may be open, whatever the book says.

import type { AlertPorts } from '../../actions/context.ts'

export interface RaisingPorts {
  /** Whether the book has it open. */
  readonly isOpen: (key: string) => boolean
  /** Every event up to this one has been taken. */
  readonly cursor: () => number
  /** The last event that an engine before this one may have published. */
  readonly lastBefore: number
}

/** More keys than this are not remembered before those that have been taken are forgotten. */
const MOST_KEYS = 1_000

export class Raising implements AlertPorts {
  readonly #ports: RaisingPorts
  /** The last command of each key, with its event: Infinity until that is known. */
  readonly #onTheWay = new Map<string, { event: number }>()

  constructor(ports: RaisingPorts) {
    this.#ports = ports
  }

  mayBeOpen(key: string): boolean {
    const { isOpen, cursor, lastBefore } = this.#ports
    return isOpen(key) || cursor() < Math.max(lastBefore, this.#onTheWay.get(key)?.event ?? 0)
  }

  raising(key: string, command: Promise<number>): void {
    if (this.#onTheWay.size >= MOST_KEYS) this.#forgetTaken()
    const last = { event: Infinity }
    this.#onTheWay.set(key, last)
    // One that was refused, or not answered for, may be committed still: it stays on its way.
    void command.then((event) => (last.event = event)).catch(() => {})
  }

  #forgetTaken(): void {
    const cursor = this.#ports.cursor()
    for (const [key, { event }] of this.#onTheWay) if (event <= cursor) this.#onTheWay.delete(key)
  }
}
