// Colours and columns for a person at a terminal. Whatever comes from outside is escaped before it is
// printed.

import { styleText } from 'node:util'
import type { RunState, StepState } from '../../model/run.ts'
import type { Terminal } from '../frame/command.ts'

type Style = Parameters<typeof styleText>[0]

const STATE_STYLES: Readonly<Record<RunState | StepState, Style>> = {
  planned: 'dim',
  pending: 'dim',
  running: 'cyan',
  waiting: 'yellow',
  done: 'green',
  dead: 'red',
  skipped: 'dim',
  cancelled: 'dim',
  dry: 'magenta',
}

export interface Paint {
  readonly state: (state: RunState | StepState) => string
  readonly dim: (text: string) => string
  readonly bold: (text: string) => string
  readonly bad: (text: string) => string
  readonly good: (text: string) => string
  readonly warn: (text: string) => string
}

export function paintFor(terminal: Terminal): Paint {
  const styled = (style: Style, text: string): string =>
    terminal.hasColors ? styleText(style, text, { validateStream: false }) : text
  return {
    state: (state) => styled(STATE_STYLES[state], state.padEnd(9)),
    dim: (text) => styled('dim', text),
    bold: (text) => styled('bold', text),
    bad: (text) => styled('red', text),
    good: (text) => styled('green', text),
    warn: (text) => styled('yellow', text),
  }
}
