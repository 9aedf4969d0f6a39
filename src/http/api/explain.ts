// What every rule would make of a message that nobody has published.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { systemClock } from '../../base/clock.ts'
import { OperatorError } from '../../base/operator-error.ts'
import type { Explain, Explained } from '../../engine/inspect/explaining.ts'
import { describeAction } from '../../model/action-words.ts'
import { STAGES } from '../../model/verdict.ts'
import { topicNameProblem } from '../../topics/names.ts'
import { refuseUnseen } from '../caller.ts'
import { route } from '../route.ts'
import type { Resource } from '../route.ts'

export interface ExplainRoutePorts {
  readonly explain: Explain
}

const topic = z.string().superRefine((text, context) => {
  const message = topicNameProblem(text)
  if (message !== undefined) context.addIssue({ code: 'custom', message })
})

const explanation = z.object({
  rule: z.string(),
  line: z.string(),
  verdict: z
    .object({ stage: z.enum(STAGES), reason: z.string(), key: z.string() })
    .nullable()
    .describe('`null`: the rule does not wait for the topic.'),
  fires: z.string().describe('`at once`, `after 2m`; empty when it does not fire.'),
  steps: z.array(z.string().nullable()).describe('What it would do; `null`: a function of earlier results.'),
  hint: z.string().nullable(),
})

export const explainRoutes = ({ explain }: ExplainRoutePorts): Resource => ({
  name: 'Explain',
  about: 'What the rules would make of a message.',
  routes: [
    route(
      {
        method: 'GET',
        path: '/api/explain',
        summary: 'Tell for every rule whether a message would fire it, and what says no',
        about:
          'What `vigie explain` prints, by the rules as they are saved now. Nothing is performed. It runs in a ' +
          'process of its own, one question at a time.',
        needs: 'read',
        looksAt: 'rules',
        query: {
          topic: topic.describe('The topic of the message.'),
          payload: z.string().default('').describe('Its payload, as text.'),
        },
        answers: {
          200: {
            says: 'The rules, and what did not load.',
            schema: z.object({ failures: z.array(z.string()), rules: z.array(explanation) }),
          },
          409: 'Code of the rules hangs, or ends its process.',
          429: 'Another question is being answered.',
        },
      },
      async ({ query, context }) => {
        // What rules remember, and the last messages, decide.
        refuseUnseen(context.get('caller'))
        const explained = await explain(query.topic, query.payload, systemClock.now()).catch(
          (error: unknown) => {
            if (error instanceof OperatorError) throw new HTTPException(409, { message: error.message })
            throw error
          },
        )
        if (explained === null)
          throw new HTTPException(429, {
            message: 'Another question is being answered; try again in a moment.',
          })
        return { failures: explained.failures, rules: explained.explanations.map(explanationJson) }
      },
    ),
  ],
})

const explanationJson = ({ plan, ...rest }: Explained['explanations'][number]) => ({
  ...rest,
  steps: plan?.ok === true ? plan.steps.map(({ spec }) => spec && describeAction(spec)) : [],
  hint: plan?.ok === false ? plan.reason : rest.hint,
})
