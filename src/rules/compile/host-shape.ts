// The schemas of hosts: what a declaration takes, and what an agent may say. An agent is another machine, so
// whatever it says is checked like any input from outside.

import { z } from 'zod'
import type { AgentReport, Said } from '../../model/host.ts'
import type { PingMinute, PingReport } from '../../model/probe.ts'
import type { ProcessReport } from '../../model/process.ts'
import type { ShortageReport, WatchedProcesses } from '../../model/watch.ts'
import { isHost } from '../authoring/host.ts'
import type { Host } from '../authoring/host.ts'
import { leaf, oneOf } from '../validate/leaf.ts'

export const onHost = leaf<Host>("host('name')", isHost)

export const hostShape = z.strictObject({ severity: oneOf(['info', 'warning', 'critical']).optional() })

const short = z.string().max(200)
const sentence = z.string().max(2_000)
const moment = z.iso.datetime().max(40)
const whole = z.int().nonnegative()
const amount = z.number().nonnegative()

export const agentReport: z.ZodType<AgentReport> = z.object({
  state: z.enum(['online', 'offline']),
  reason: sentence,
  protocol: whole,
  version: short,
  since: moment,
  refused: z.record(short, sentence),
  problem: sentence,
  lost: whole,
})

/** The number alone: whoever says nonsense under a number has said it. */
export const numbered = z.object({ store: short, n: whole })

export const said: z.ZodType<Said> = z.object({
  store: short,
  n: whole,
  topic: z.string().max(1_000),
  payload: z.json(),
})

export const pingReport: z.ZodType<PingReport> = z.object({
  state: z.enum(['up', 'down', 'unknown', 'flapping', 'unreachable']),
  previous: z.enum(['up', 'down', 'unknown']),
  since: moment,
  latencyMs: amount.nullable(),
  reason: sentence,
  mutedBy: short.exactOptional(),
})

export const pingMinute: z.ZodType<PingMinute> = z.object({
  from: moment,
  checks: whole,
  failed: whole,
  minMs: amount.nullable(),
  medianMs: amount.nullable(),
  maxMs: amount.nullable(),
})

const identity = z.object({ boot: short, pid: z.int().positive(), startTicks: whole })
const named = z.object({ identity, pid: z.int().positive(), name: short })

const process = {
  ...named.shape,
  ppid: whole,
  user: short,
  meantUser: short.exactOptional(),
  state: z.enum(['running', 'sleeping', 'waiting', 'stopped', 'zombie', 'idle', 'other']),
  commandLine: z.string().max(16_384),
  ageMs: z.number(),
  memoryBytes: amount,
  cpuPercent: z.number().nullable(),
  parent: named.nullable(),
}

export const processReport: z.ZodType<ProcessReport> = z.object(process)

/** What the watches of an agent look at. */
export const watchedProcesses: z.ZodType<WatchedProcesses> = z.object({
  watches: z.array(
    z.object({
      name: short,
      problem: sentence,
      hasGivenUp: z.boolean(),
      attempt: whole.nullable(),
      count: whole,
      processes: z.array(z.object({ ...process, heldMs: z.number().nullable(), isTold: z.boolean() })),
    }),
  ),
  zombies: z.array(
    z.object({ pid: z.int().positive(), name: short, ageMs: z.number(), parent: named.nullable() }),
  ),
})

export const shortageReport: z.ZodType<ShortageReport> = z.object({
  state: z.enum(['missing', 'given-up', 'back']),
  count: whole,
  wanted: whole,
  attempt: whole,
  attempts: whole,
})
