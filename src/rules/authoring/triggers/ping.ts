// `down('router')` and `up('router')` fire when a declared ping changes its state. They read the reports
// under `<root>/ping/<name>`.

import type { PingReport } from '../../../model/probe.ts'
import type { Ping } from '../ping.ts'
import { jsonOrText, textOf } from '../../context/payload.ts'
import { TRIGGER } from './trigger.ts'
import type { Trigger } from './trigger.ts'

type PingTrigger = Trigger<{ readonly name: string }, PingReport>

/**
 * Fires when the ping goes down: its checks have failed `fails` times in a row. Not when it is down again
 * after it was down and nothing was known of it for a while.
 */
export const down = (ping: string | Ping): PingTrigger => flipTo('down', ping)
/** Fires when the ping is up again after it was down; not when its first checks succeed. */
export const up = (ping: string | Ping): PingTrigger => flipTo('up', ping)

function flipTo(state: 'up' | 'down', ping: string | Ping): PingTrigger {
  const name = typeof ping === 'string' ? ping : ping.name
  return {
    [TRIGGER]: {
      text: `${state}(${JSON.stringify(name)})`,
      filter: ({ root }) => `${root}/ping/${name}`,
      params: () => ({ name }),
      ping: name,
      refuses: (event) => {
        const report = jsonOrText(textOf(event.payload)) as Partial<PingReport> | null
        if (report?.state !== state)
          return { stage: 'trigger', reason: `the ping is ${report?.state}; the rule waits for ${state}` }
        if (state === 'up' && report.previous !== 'down')
          return { stage: 'trigger', reason: 'the ping was not down before' }
        if (state === 'down' && report.previous === 'down')
          return { stage: 'trigger', reason: 'the ping was down before, and is again' }
        return undefined
      },
    },
  }
}
