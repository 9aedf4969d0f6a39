// `between: ['22:00', '07:00']`: the message came within that window of the day.

import type { Window } from '../../calendar/window.ts'
import type { Condition } from './stage.ts'

export const betweenStage = ({ isOpen, describe }: Window): Condition => ({
  name: 'between',
  ask({ event: { at } }) {
    return isOpen(at) ? { signal: 'level' } : { signal: 'no', reason: describe(at) }
  },
})
