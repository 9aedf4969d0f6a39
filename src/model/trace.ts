// The trace of which a message is part (https://www.w3.org/TR/trace-context/): kept as the MQTT 5 user
// properties `traceparent` and `tracestate`, so that it goes wherever the message goes. A request over HTTP
// brings it in headers of the same names. What follows from the message is part of the same trace, under a
// span id of its own.

import { randomBytes } from 'node:crypto'
import { type MessageProperties, propertiesOf } from './passage.ts'
import type { UserProperty } from '../mqtt/properties.ts'

const PARENT = 'traceparent'
const STATE = 'tracestate'

/** A list of vendors that is longer need not be passed on. */
const LONGEST_STATE = 512

export interface Trace {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  readonly isSampled: boolean
  /** As it came, for whoever reads the trace. */
  readonly parent: string
  readonly state: string | undefined
}

/**
 * Version, trace id, span id, flags. A later version may add more behind these (section 2.2.5); `ff` is none.
 */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-([\da-f]{2})(-.*)?$/

/** @returns `undefined` for what the recommendation says is to be ignored */
function readTrace(parent: string, state: string | undefined): Trace | undefined {
  const [, version, traceId, flags, more] = TRACEPARENT.exec(parent) ?? []
  if (traceId === undefined || (version === '00' && more !== undefined)) return undefined
  return {
    traceId,
    isSampled: (Number.parseInt(flags!, 16) & 1) === 1,
    parent,
    state: state === undefined || state === '' || state.length > LONGEST_STATE ? undefined : state,
  }
}

/** The trace of an event, from its properties as they stand on the wire. */
export function traceOf(properties: Uint8Array | null): Trace | undefined {
  // Most events have none, and nothing is decoded for those.
  if (
    properties === null ||
    Buffer.from(properties.buffer, properties.byteOffset, properties.length).indexOf(PARENT) < 0
  )
    return undefined
  return traceIn(propertiesOf(properties))
}

function traceIn({ userProperties = [] }: MessageProperties): Trace | undefined {
  const named = (name: string): string[] =>
    userProperties.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value)
  const [parent, ...others] = named(PARENT)
  // More than one says nothing (section 3.2 of the recommendation's processing model).
  if (parent === undefined || others.length > 0) return undefined
  const states = named(STATE)
  return readTrace(parent, states.length === 0 ? undefined : states.join(','))
}

/** The user properties that stand for the headers of a request; none when they are missing or wrong. */
export function traceProperties(parent: string | undefined, state: string | undefined): UserProperty[] {
  const trace = parent === undefined ? undefined : readTrace(parent.trim(), state)
  if (trace === undefined) return []
  return [[PARENT, trace.parent], ...(trace.state === undefined ? [] : [[STATE, trace.state] as const])]
}

/** The headers, or user properties, of what follows from a message with this trace: a span of its own. */
export const childOf = ({ traceId, isSampled, state }: Trace): Readonly<Record<string, string>> => ({
  [PARENT]: `00-${traceId}-${newSpan()}-${isSampled ? '01' : '00'}`,
  ...(state !== undefined && { [STATE]: state }),
})

/** Zero alone is no span id. */
function newSpan(): string {
  const id = randomBytes(8).toString('hex')
  return /^0+$/.test(id) ? newSpan() : id
}

/** Whether user properties, or headers, name a trace already, so that none is added. */
export const namesTrace = (names: Iterable<string>): boolean =>
  Array.from(names).some((name) => name.toLowerCase() === PARENT)
