// The small fields of an event in one byte, which a batch and the table of events share.
//
//   7 6 5 4   3          2        1 0
//   origin    recorded   retain   qos

import { ORIGINS } from '../../model/event.ts'
import type { NewEvent, Origin, QoS } from '../../model/event.ts'

const ORIGIN_BITS = Object.fromEntries(ORIGINS.map((origin, index) => [origin, index << 4])) as Record<
  Origin,
  number
>

export const QOS = 3
export const RECORDED = 8

export const flagsOf = (event: Pick<NewEvent, 'qos' | 'retain' | 'recorded' | 'origin'>): number =>
  event.qos | (event.retain ? 4 : 0) | (event.recorded ? RECORDED : 0) | ORIGIN_BITS[event.origin]

export const qosOf = (flags: number): QoS => (flags & QOS) as QoS
export const isRetain = (flags: number): boolean => (flags & 4) !== 0
export const isRecorded = (flags: number): boolean => (flags & RECORDED) !== 0
export const originOf = (flags: number): Origin => ORIGINS[flags >> 4]!
