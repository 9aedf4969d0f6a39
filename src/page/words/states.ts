// The tone in which each state is shown.

import type { AlertState, Severity } from '../../model/alert.ts'
import type { PingState } from '../../model/probe.ts'
import type { RunState, StepState } from '../../model/run.ts'
import type { Tone } from '../ui/badge.tsx'

export const RUN_TONES: Readonly<Record<RunState, Tone>> = {
  planned: 'busy',
  running: 'busy',
  done: 'ok',
  dead: 'bad',
  cancelled: 'idle',
  dry: 'idle',
}

export const STEP_TONES: Readonly<Record<StepState, Tone>> = {
  pending: 'busy',
  running: 'busy',
  waiting: 'warn',
  done: 'ok',
  dead: 'bad',
  skipped: 'idle',
  cancelled: 'idle',
}

export const PING_TONES: Readonly<Record<PingState, Tone>> = {
  up: 'ok',
  down: 'bad',
  unknown: 'idle',
  flapping: 'warn',
  unreachable: 'warn',
}

export const ALERT_TONES: Readonly<Record<AlertState, Tone>> = {
  pending: 'busy',
  firing: 'bad',
  acknowledged: 'warn',
  silenced: 'idle',
  resolved: 'ok',
}

export const SEVERITY_TONES: Readonly<Record<Severity, Tone>> = {
  info: 'idle',
  warning: 'warn',
  critical: 'bad',
}
