import type { Alert, NotificationRecord } from '../../src/model/alert.ts'
// Events, runs and steps with defaults, for the journal's tests: a test names only the fields that matter to
// it.

import type { Event, NewEvent } from '../../src/model/event.ts'
import type { RulePause } from '../../src/model/rule-pause.ts'
import type { Run, Step, StepState } from '../../src/model/run.ts'
import type { StepChange } from '../../src/model/store.ts'

export const newEvent = (event: Partial<NewEvent> = {}): NewEvent => ({
  at: 1_000_000,
  topic: 'a/b',
  payload: Buffer.from('hello'),
  qos: 1,
  retain: false,
  origin: 'live',
  client: 'c1',
  properties: null,
  cause: null,
  recorded: true,
  ...event,
})

export const event = (id: number, rest: Partial<NewEvent> = {}): Event => ({ ...newEvent(rest), id })

/** Events with these ids, `from` to `to`. */
export const events = (from: number, to: number, rest: Partial<NewEvent> = {}): Event[] =>
  Array.from({ length: to - from + 1 }, (_, index) => event(from + index, rest))

export const run = (id: number, rest: Partial<Run> = {}): Run => ({
  id,
  rule: 'door',
  key: '',
  event: 1,
  state: 'planned',
  plannedAt: 1_000_000,
  startedAt: null,
  endedAt: null,
  reason: null,
  ...rest,
})

export const step = (of: number, path: string, rest: Partial<Step> = {}): Step => ({
  run: of,
  path,
  spec: {
    kind: 'wait',
    lengthMs: 1_000,
    timeoutMs: 5_000,
    retry: { attempts: 1, minMs: 0, maxMs: 0 },
  },
  state: 'pending',
  attempt: 0,
  cutOffs: 0,
  wakeAt: null,
  startedAt: null,
  endedAt: null,
  outcome: null,
  process: null,
  ...rest,
})

export const stepChange = (of: number, path: string, state: StepState, attempt: number): StepChange => ({
  run: of,
  path,
  state,
  attempt,
  cutOffs: 0,
  wakeAt: null,
  startedAt: null,
  endedAt: null,
  outcome: null,
})

/** The event with its bytes as text, so that a Buffer equals a Uint8Array. */
export const plain = ({ payload, properties, ...rest }: Event) => ({
  ...rest,
  payload: Buffer.from(payload).toString('base64'),
  properties: properties && Buffer.from(properties).toString('base64'),
})

export const alert = (key: string, rest: Partial<Alert> = {}): Alert => ({
  key,
  state: 'firing',
  severity: 'warning',
  title: `${key} is wrong`,
  body: '',
  labels: { room: 'hall' },
  parent: null,
  rule: 'door',
  event: 1,
  cause: { event: 1, topic: 'a/b' },
  count: 1,
  incident: 1,
  flips: 1,
  version: 1,
  openedAt: 10,
  sinceAt: 10,
  raisedAt: 10,
  firesAt: null,
  firedAt: 10,
  acknowledgedBy: null,
  silencedBy: null,
  saidBy: ['1.0'],
  ...rest,
})

export const notification = (
  subject: string,
  rest: Partial<NotificationRecord> = {},
): NotificationRecord => ({
  id: 'f00',
  channel: 'phone',
  subject,
  route: 0,
  alerts: [subject.replace('alert/', '')],
  openedAt: 10,
  dueAt: null,
  telling: 3,
  tellings: 1,
  told: { at: 11, run: 2, alerts: { nas: 'firing warning 1' } },
  handle: { message: 7 },
  event: 1,
  isClosed: false,
  ...rest,
})

export const rulePause = (rule: string, rest: Partial<RulePause> = {}): RulePause => ({
  rule,
  state: 'paused',
  reason: 'work',
  by: 'anna',
  event: 1,
  sinceAt: 10,
  forMs: 20,
  untilAt: 30,
  resumedAt: null,
  resumedBy: null,
  version: 1,
  ...rest,
})
