// Other machines: an agent on each runs probes and carries out orders for the hub, as an MQTT client. Here
// are the topics on which the two speak, and what they say.
//
//   <root>/hosts/<name>/declared        hub → agent, retained: the probes that belong to the host
//   <root>/hosts/<name>/orders          hub → agent: one action, or a question
//   <root>/hosts/<name>/agent           agent → hub, retained, and its will: how the agent is
//   <root>/hosts/<name>/said            agent → hub: what the hub would publish of a probe of its own
//   <root>/hosts/<name>/answers/<key>   agent → hub: what came of an order

import { topicLevel } from '../topics/escape.ts'
import type { ActionSpec } from './action.ts'
import type { Json } from './json.ts'
import type { Outcome } from './outcome.ts'
import type { PingSpec } from './probe.ts'
import type { WatchSpec } from './watch.ts'

/** Raised when an old agent, or an old hub, would misunderstand what the other says. */
export const HOST_PROTOCOL = 1

export type HostPart = 'declared' | 'orders' | 'agent' | 'said'

/** @param part `+part` for a filter over all of them */
export const hostTopic = (root: string, host: string, part: HostPart | '+part'): string =>
  `${root}/hosts/${host}/${part}`

export const answerTopic = (root: string, host: string, key: string): string =>
  `${root}/hosts/${host}/answers/${topicLevel(key)}`

/** Whether an agent publishes on this topic. The others below `<root>/hosts` are the hub's alone. */
export const isOfAgents = (root: string, topic: string): boolean => {
  if (!topic.startsWith(`${root}/hosts/`)) return false
  const [, part, ...rest] = topic.slice(`${root}/hosts/`.length).split('/')
  return part === 'answers' ? rest.length === 1 : rest.length === 0 && (part === 'agent' || part === 'said')
}

/** The payload of `declared`. */
export interface HostDeclarations {
  readonly protocol: number
  /** The version of the hub's vigie. */
  readonly version: string
  readonly pings: readonly PingSpec[]
  readonly watches: readonly WatchSpec[]
}

/** The payload of `agent`. */
export interface AgentReport {
  readonly state: 'online' | 'offline'
  /** Why it is offline; empty when it is online. */
  readonly reason: string
  readonly protocol: number
  /** The version of the agent's vigie. */
  readonly version: string
  /** When the agent connected, as an ISO date. */
  readonly since: string
  /** Why the agent does not run a probe, by the name of the probe. */
  readonly refused: Readonly<Record<string, string>>
  /** Why the processes of its machine cannot be read; empty when they can. */
  readonly problem: string
  /** How many messages did not fit into its store while the hub was away, since the store was made. */
  readonly lost: number
}

/** The payload of `said`. An agent says each number once, in order; after a lost acknowledgement, again. */
export interface Said {
  /** Names the store of the agent, in which the numbers ascend. */
  readonly store: string
  readonly n: number
  /** The topic on which the hub publishes it, below the root: `ping/<name>`, `process/<watch>/<pid>`, … */
  readonly topic: string
  readonly payload: Json
}

/** What an action on another machine looks like to its agent. */
export type HostAction = Extract<
  ActionSpec,
  { kind: 'kill' | 'reap' | 'renice' | 'restart' | 'list' | 'shell' }
>

/** The payload of `orders`. */
export type HostOrder = HostStep | HostQuestion | HostCancel

/** One attempt of a step. */
export interface HostStep {
  readonly kind: 'step'
  /** The same for all attempts; see `stepKey`. */
  readonly key: string
  /** From 1. An attempt whose number is not above that of an answer is not made again. */
  readonly attempt: number
  readonly spec: HostAction
  readonly rule: string
  readonly run: number
  readonly step: string
  readonly event: {
    readonly id: number
    readonly at: number
    readonly topic: string
    /** Base64: what a program reads from its standard input. Empty where the action does not read it. */
    readonly payload: string
  }
}

/** Ends what is carried out under the key of a step: its run was cancelled. Nobody waits for an answer. */
export interface HostCancel {
  readonly kind: 'cancel'
  /** A key of its own. */
  readonly key: string
  /** The key of the step. */
  readonly cancels: string
  /** Why, as the end of a sentence. */
  readonly reason: string
}

/** Asks what the watches look at; the result is a `WatchedProcesses`. */
export interface HostQuestion {
  readonly kind: 'processes'
  readonly key: string
}

/** The payload of `answers/<key>`. */
export interface HostAnswer {
  readonly attempt: number
  readonly outcome: Outcome
}

/** The key of the alert that the agent of a host is gone. */
export const hostAlertKey = (host: string): string => `host-${host}`

/** Whether an action has an end on another machine. */
export const isOnHost = (spec: ActionSpec): spec is HostAction & { readonly host: string } =>
  'host' in spec && spec.host !== undefined
