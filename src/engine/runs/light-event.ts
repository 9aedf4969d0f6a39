// The event of an open run, light enough to be held while the run waits, thousands of them. A large payload
// stays in the journal, which keeps it as long as the run is open, and is read again when it is needed.

import { headOf } from '../../model/event.ts'
import type { Event, EventHead } from '../../model/event.ts'
import type { Run } from '../../model/run.ts'
import type { EngineReads } from '../../model/store.ts'

/** A larger payload is not held in memory. This is about as much as the run itself takes. */
const LARGEST_HELD = 2_048

type Reads = Pick<EngineReads, 'event'>

export const lightened = (event: Event, reads: Reads): Event =>
  event.payload.length + (event.properties?.length ?? 0) <= LARGEST_HELD
    ? event
    : fromHead(headOf(event), reads)

/** The event of a run as its rule and its steps see it: with the payload that somebody gave in its place. */
export const heldEvent = ({ details }: Pick<Run, 'details'>, event: Event, reads: Reads): Event =>
  details?.input === undefined ? lightened(event, reads) : withInput(event, details.input)

const withInput = (event: Event, input: string): Event => ({ ...event, payload: Buffer.from(input) })

/** The event whose head has been read. */
export const fromHead = (head: EventHead, reads: Reads): Event => {
  const whole = (): Event => {
    const event = reads.event(head.id)
    if (event === undefined)
      throw new Error(`The event ${head.id} of an open run is no longer in the history.`)
    return event
  }
  return {
    ...head,
    get payload() {
      return whole().payload
    },
    get properties() {
      return whole().properties
    },
  }
}
