// What the hub asks of an engine that is in charge: how it is, its rules, and changes of runs.

import type { Event } from '../model/event.ts'
import type { EngineReads } from '../model/store.ts'
import type { Assembly } from './assembly.ts'
import type { UserCode } from './contain/user-code.ts'
import type { LoadedRules } from './load/load-rules.ts'
import { ruleViews } from './load/rule-views.ts'
import type { Parts } from './parts.ts'
import type { Planner } from './plan/planner.ts'
import type { EngineRequests } from './protocol.ts'
import { changeRun } from './steps/by-hand.ts'

/** The parts of an engine that is in charge, as far as requests concern them. */
export interface EngineInCharge {
  readonly reads: Pick<EngineReads, 'run' | 'event'>
  readonly assembly: Pick<Assembly, 'work' | 'decisions' | 'rerun'>
  readonly planner: Pick<Planner, 'cursor' | 'heldBack'>
  readonly parts: Pick<Parts, 'pings' | 'watches' | 'hosts'>
}

export interface RequestPorts {
  readonly userCode: Pick<UserCode, 'turnTo'>
  /** `undefined` until the rules are loaded. */
  readonly loaded: () => LoadedRules | undefined
  /** `undefined` until the engine is in charge. */
  readonly inCharge: () => EngineInCharge | undefined
  /** Resolves when the engine is in charge. Changes of runs wait for this. */
  readonly started: Promise<EngineInCharge>
}

export function openRequests({ userCode, loaded, inCharge, started }: RequestPorts): EngineRequests {
  return {
    async changeRun(id, change) {
      const { reads, assembly } = await started
      const { work, decisions } = assembly
      const takeAgain = (rule: string, event: Event): boolean => {
        userCode.turnTo({ kind: 'event', id: event.id })
        const isTaken = decisions.takeAgain(rule, event)
        userCode.turnTo(null)
        return isTaken
      }
      return changeRun(id, change, { work, reads, rules: loaded()!.rules, takeAgain })
    },

    async rerun(id, order) {
      const { assembly } = await started
      userCode.turnTo({ kind: 'run', id })
      const answer = assembly.rerun(id, order)
      userCode.turnTo(null)
      await assembly.work.flush()
      return answer
    },

    status() {
      const report = loaded()?.report
      const engine = inCharge()
      const { work } = engine?.assembly ?? {}
      return {
        rules: report?.rules ?? [],
        pings: engine ? [...engine.parts.pings.status(), ...engine.parts.hosts.pings()] : [],
        watches: engine ? [...engine.parts.watches.status(), ...engine.parts.hosts.watches()] : [],
        commands: report?.commands ?? [],
        cursor: engine?.planner.cursor ?? 0,
        heldBack: engine?.planner.heldBack ?? null,
        openRuns: work?.openRuns ?? 0,
        stepsUnderWay: work?.stepsUnderWay ?? 0,
        stepsQueued: work?.backlog ?? 0,
      }
    },

    rules() {
      const rules = loaded()?.rules
      return rules === undefined ? [] : ruleViews(rules)
    },

    async processes() {
      const parts = inCharge()?.parts
      if (parts === undefined) return null
      const [here, there] = await Promise.all([parts.watches.view(), parts.hosts.view()])
      return {
        watches: [...here.watches, ...there.watches],
        zombies: [...here.zombies, ...there.zombies],
      }
    },
  }
}
