// A process that should run has crashed. There are two, which crash in turn.
import { alert, watch } from 'vigie'

export default ['86398', '86399'].map((seconds) =>
  watch(`sleep-${seconds}`, {
    process: { commandLine: new RegExp(`^sleep ${seconds}$`) },
    count: { below: 1 },
    retry: { attempts: 1_000, min: '1s', max: '1s' },
    do: ({ event }) =>
      alert({ key: `crashed/${event.id}`, title: 'A process has crashed', body: String(event.at) }),
  }),
)
