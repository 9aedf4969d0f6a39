// A moment, short, with the whole of it when pointed at; how long ago it is; and for how long it has been so.

import { localTime } from '../../base/local-time.ts'
import { now } from '../shell/now.ts'
import { useStore } from '../shell/store.ts'
import { ago, shortLength, shortMoment, unixMs } from '../words/moments.ts'

interface MomentProps {
  /** Unix ms, or an ISO date. */
  readonly at: number | string
}

export function Moment({ at }: MomentProps) {
  const moment = unixMs(at)
  return <Time moment={moment} text={shortMoment(moment, Date.now())} />
}

export function Ago({ at }: MomentProps) {
  const moment = unixMs(at)
  return <Time moment={moment} text={ago(moment, useStore(now))} />
}

export function Age({ at }: MomentProps) {
  const moment = unixMs(at)
  return <Time moment={moment} text={shortLength(useStore(now) - moment)} />
}

const Time = ({ moment, text }: { readonly moment: number; readonly text: string }) => (
  <time dateTime={new Date(moment).toISOString()} title={localTime(moment)}>
    {text}
  </time>
)
