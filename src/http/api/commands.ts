// Commands of the rules: given as any client may give them, by a message.

import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { COMMAND_VERBS } from '../../model/command.ts'
import type { CommandVerb } from '../../model/command.ts'
import { DECLARED_NAME } from '../../model/declarations.ts'
import { signed } from '../caller.ts'
import { Reply, route } from '../route.ts'
import type { Resource } from '../route.ts'

/** Publishes a command of the rules, as any client may; resolves with its event. */
export type Command = (name: string, verb: CommandVerb, order: object) => Promise<number>

/** The engine checks what an order says. */
const orderShape = z.looseObject({
  dryRun: z.boolean().optional().describe('Do nothing, and list what would be done.'),
  nice: z.number().optional().describe('For `renice`.'),
  by: z.string().optional().describe('Who gives it.'),
})

export const commandRoutes = (command: Command): Resource => ({
  name: 'Commands',
  about: 'What the rules let people do with processes.',
  routes: COMMAND_VERBS.map((verb) =>
    route(
      {
        method: 'POST',
        path: `/api/commands/{name}/${verb}`,
        summary: `Give the command \`${verb}\``,
        about: 'The answer is published under `vigie/commands/NAME/result`.',
        needs: 'act',
        params: { name: z.string() },
        body: orderShape,
        answers: {
          202: { says: 'The event with which it was given.', schema: z.object({ event: z.int() }) },
          404: 'No command can have this name.',
        },
      },
      async ({ params: { name }, body, context }) => {
        const order = signed(context.get('caller'), body)
        if (DECLARED_NAME.test(name)) return new Reply(202, { event: await command(name, verb, order) })
        throw new HTTPException(404, { message: 'No command has such a name.' })
      },
    ),
  ),
})
