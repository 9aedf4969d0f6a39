// The last messages of the topic that is open, from the history and as they come.

import { useEffect, useState } from 'preact/hooks'
import type { EventAnswer } from '../api/answers.ts'
import { getJson } from '../api/client.ts'
import { live } from '../live/stream.ts'
import { type Sample, sampleOf, withSamples } from './samples.ts'

const FROM_HISTORY = 200

export function useSamples(topic: string): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>([])
  useEffect(() => {
    setSamples([])
    const controller = new AbortController()
    // A topic as a filter has no wildcards, so it matches itself alone.
    const restore = (): void => {
      getJson<EventAnswer[]>('/api/events', { filter: topic, limit: FROM_HISTORY }, controller.signal).then(
        (events) => setSamples((before) => withSamples(before, events.map(sampleOf))),
        () => {},
      )
    }
    restore()
    const watching = live.watch(
      { kind: 'messages', filter: topic, perSecond: 20 },
      (frame) => {
        if (frame.kind === 'messages') setSamples((before) => withSamples(before, frame.messages))
      },
      // What came while there was no stream is in the history.
      restore,
    )
    return () => {
      controller.abort()
      watching.stop()
    }
  }, [topic])
  return samples
}
