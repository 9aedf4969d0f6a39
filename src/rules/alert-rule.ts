// The hub's own rule that tells the channels of alerts. Telling is a run of its own: it may go on for a day
// while a line is down, and the rule that raised the alert is done with it. Runs of one alert wait for each
// other, and one whose alert has changed meanwhile tells nobody: what was resolved before anybody could be
// told is told once, as resolved.

import type { AlertChannel } from '../model/alert-channel.ts'
import type { OwnRule } from './compile.ts'
import { ACTION } from './authoring/actions/action.ts'
import type { Action } from './authoring/actions/action.ts'
import { parallel } from './authoring/actions/parallel.ts'

/** No rule of a file can have it: names there begin with a letter or a digit. */
const ALERT_RULE = '@alerts'

const TIMEOUT_MS = 30_000

export function alertRule(root: string, channels: readonly Pick<AlertChannel, 'name' | 'retry'>[]): OwnRule {
  return {
    name: ALERT_RULE,
    definition: {
      on: `${root}/alerts/#key`,
      mode: 'queued',
      // What is cleared has nothing to tell.
      when: ({ event }) => event.payload.length > 0,
      do: () => parallel(channels.map(notify)),
    },
  }
}

const notify = ({ name, retry }: Pick<AlertChannel, 'name' | 'retry'>): Action => ({
  [ACTION]: { kind: 'spec', spec: { kind: 'notify', channel: name } },
  manner: { timeoutMs: TIMEOUT_MS, retry, onFailure: [] },
})
