// Rules: what is in force, what did not load, what became of the events on their topics, and which are paused.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Remote } from '../../base/calls.ts'
import { systemClock } from '../../base/clock.ts'
import type { Queries } from '../../model/queries.ts'
import { pauseReport, RULE_CHANGES } from '../../model/rule-pause.ts'
import type { RuleChange, RulePause } from '../../model/rule-pause.ts'
import type { RuleFigures, RuleView } from '../../model/rule-view.ts'
import { STAGES } from '../../model/verdict.ts'
import { signed } from '../caller.ts'
import { since } from '../params.ts'
import { Reply, route } from '../route.ts'
import type { Resource, Route } from '../route.ts'
import { backtestRoute } from './backtest.ts'
import type { BacktestPorts } from './backtest.ts'
import { notTaken } from './engine-commands.ts'
import { at, rulePause, run } from './nouns.ts'
import type { CommandRule } from './rule-commands.ts'
import type { StatusPorts } from './status.ts'

export interface RulePorts extends Pick<BacktestPorts, 'backtest'> {
  readonly queries: Remote<Pick<Queries, 'ruleFigures' | 'rulePauses' | 'runs'>>
  readonly status: StatusPorts['status']
  readonly commandRule: CommandRule
  /** The rules in force; `null` when no engine answers. */
  rules(this: void): Promise<readonly RuleView[] | null>
  /** The text of a rule file, by its name such as `rules/door.ts`; `null` when it cannot be read. */
  sourceOf(this: void, file: string): Promise<string | null>
}

const DAY_MS = 86_400_000
const LAST_RUNS = 20

const rule = z
  .object({
    name: z.string(),
    kind: z.enum(['rule', 'watch', 'task', 'command']),
    file: z.string(),
    line: z.string().describe('Where it is declared: `rules/door.ts:12`.'),
    on: z.array(z.string()).describe('The topic filters that it waits for.'),
    enabled: z.boolean(),
    dryRun: z.boolean(),
    verdicts: z
      .partialRecord(z.enum(STAGES), z.int())
      .describe('Events since `since` by the condition that decided, or `fired`.'),
    lastRun: z.object({ id: z.int(), at }).nullable(),
    pause: rulePause.nullable().describe('Its newest pause, also one that is over.'),
  })
  .meta({ id: 'Rule' })

const list = z.object({
  since: at.describe('Verdicts since then are counted: where there are very many, the newest.'),
  rules: z.array(rule),
  failures: z.array(z.string()).describe('Why files did not load: each with its file and line.'),
  quarantined: z
    .array(z.string())
    .describe('Rules that hung or ended the engine, until they are saved again.'),
})

const whole = rule.extend({
  source: z.string().nullable().describe('The text of its file; `null` when it cannot be read.'),
  runs: z.array(run).describe(`Its newest ${LAST_RUNS} runs.`),
})

const span = {
  since: since
    .default(() => systemClock.now() - DAY_MS)
    .describe('Count verdicts from this hour on; by default a day.'),
}

/** The engine checks what an order says. */
const orders = {
  pause: z.looseObject({
    reason: z.string().describe('Why.'),
    for: z.string().optional().describe('How long, such as `2h`; by default until somebody resumes it.'),
    until: z.string().optional().describe('Its end: `08:00`, `2026-11-22T14:00Z`.'),
    by: z.string().optional().describe('Who says so.'),
  }),
  resume: z.looseObject({ by: z.string().optional().describe('Who says so.') }),
} as const satisfies Record<RuleChange, z.ZodType>

const SUMMARIES: Readonly<Record<RuleChange, string>> = {
  pause: 'Pause a rule: it is asked about no event until it is resumed',
  resume: 'Resume a rule that is paused',
}

export const ruleRoutes = (ports: RulePorts): Resource => {
  const { queries, status, rules, sourceOf, commandRule } = ports
  const inForce = async (): Promise<readonly RuleView[]> => {
    const found = await rules()
    if (found !== null) return found
    throw new HTTPException(503, { message: 'No engine answers; try again in a moment.' })
  }
  const figuresOf = (views: readonly RuleView[], from: number) =>
    queries.ruleFigures({ rules: views.map(({ name }) => name), since: from })
  return {
    name: 'Rules',
    about: 'The rules in force, and what became of the events on their topics.',
    routes: [
      route(
        {
          method: 'GET',
          path: '/api/rules',
          summary: 'List rules, and what did not load',
          needs: 'read',
          looksAt: 'rules',
          query: span,
          answers: { 200: { says: 'The rules.', schema: list }, 503: 'No engine answers.' },
        },
        async ({ query }) => {
          const [views, { engine }] = await Promise.all([inForce(), status()])
          const [{ since: from, figures }, pauses] = await Promise.all([
            figuresOf(views, query.since),
            queries.rulePauses(),
          ])
          const { failures, quarantined } = engine
          const listed = views.map((view, index) => ruleJson(view, figures[index], pauses))
          return { since: from, rules: listed, failures, quarantined }
        },
      ),
      route(
        {
          method: 'GET',
          path: '/api/rules/{name}',
          summary: 'Show one rule with its source and its newest runs',
          needs: 'read',
          looksAt: 'rules',
          params: { name: z.string() },
          query: span,
          answers: {
            200: { says: 'The rule.', schema: whole },
            404: 'No such rule is in force.',
            503: 'No engine answers.',
          },
        },
        async ({ params: { name }, query }) => {
          const view = (await inForce()).find((each) => each.name === name)
          if (view === undefined)
            throw new HTTPException(404, { message: `No rule ${JSON.stringify(name)} is in force.` })
          const [{ figures }, pauses, runs, source] = await Promise.all([
            figuresOf([view], query.since),
            queries.rulePauses(),
            queries.runs({ rule: name, limit: LAST_RUNS }),
            sourceOf(view.file),
          ])
          return { ...ruleJson(view, figures[0], pauses), source, runs }
        },
      ),
      backtestRoute(ports),
      ...RULE_CHANGES.map((change) => changeRoute(change, commandRule)),
    ],
  }
}

const changeRoute = (change: RuleChange, commandRule: CommandRule): Route =>
  route(
    {
      method: 'POST',
      path: `/api/rules/{name}/${change}`,
      summary: SUMMARIES[change],
      about: `What \`vigie rules ${change}\` does.`,
      needs: 'act',
      params: { name: z.string() },
      body: orders[change],
      answers: {
        200: {
          says: 'It is done.',
          schema: z.object({
            event: z.int().describe('The event with which it was said.'),
            pause: rulePause,
          }),
        },
        409: 'The hub refused, and why.',
        503: 'No engine has taken the command yet; one will.',
      },
    },
    async ({ params: { name }, body, context }) => {
      const { event, answer } = await commandRule(name, change, signed(context.get('caller'), body))
      if (answer === null) return new Reply(503, { error: notTaken(event) })
      if (!answer.ok) return new Reply(409, { error: `The hub refused: ${answer.reason}.` })
      return { event, pause: answer.pause }
    },
  )

const pauseJson = (name: string, pauses: readonly RulePause[]) => {
  const pause = pauses.find(({ rule: paused }) => paused === name)
  return pause === undefined ? null : pauseReport(pause)
}

const ruleJson = (view: RuleView, figures: RuleFigures | undefined, pauses: readonly RulePause[]) => ({
  ...view,
  verdicts: figures?.verdicts ?? {},
  lastRun: figures?.lastRun ?? null,
  pause: pauseJson(view.name, pauses),
})
