// The requests that change something. They come from this machine, and from no web page: a page of another
// origin cannot send this content type without asking first, and is not answered when it asks.

import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { COMMAND_VERBS } from '../../model/command.ts'
import type { CommandVerb } from '../../model/command.ts'
import { DECLARED_NAME } from '../../model/declarations.ts'
import { jsonIn } from '../../model/hub-message.ts'
import { RUN_CHANGES } from '../../model/run.ts'
import type { RunAnswer, RunChange } from '../../model/run.ts'
import { ALERT_CHANGES } from '../../model/alert-change.ts'
import type { ClearedRetained, RetainedRange } from '../../model/store.ts'
import type { CommandAlert } from './alert-commands.ts'
import { answer } from '../answer.ts'
import { refuseOtherMachines, refuseOtherOrigins } from '../callers.ts'
import type { Request } from '../callers.ts'
import { readId, retainedRangeOf } from '../params.ts'

export interface Changes {
  changeRun(this: void, id: number, change: RunChange): Promise<RunAnswer>
  /** Publishes a command of the rules, as any client may; resolves with its event. */
  command(this: void, name: string, verb: CommandVerb, order: object): Promise<number>
  readonly commandAlert: CommandAlert
  clearRetained(this: void, range: RetainedRange): Promise<ClearedRetained>
  /** Ends the connection of a client; resolves with the event that says so, `undefined` if it had none. */
  kick(this: void, client: string, by: string): Promise<number | undefined>
}

export function changeRoutes({
  changeRun,
  command,
  commandAlert,
  clearRetained,
  kick,
}: Changes): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  for (const change of RUN_CHANGES)
    app.post(`/api/runs/:id/${change}`, async (context) => {
      refuseStrangers(context)
      const made = await changeRun(readId(context.req.param('id')), change)
      return made.ok ? answer(context, { ok: true }) : answer(context, { error: made.reason }, 409)
    })
  for (const verb of COMMAND_VERBS)
    app.post(`/api/commands/:name/${verb}`, async (context) => {
      refuseStrangers(context)
      const name = context.req.param('name')
      if (!DECLARED_NAME.test(name)) throw new HTTPException(404, { message: 'No command has such a name.' })
      return answer(context, { event: await command(name, verb, await orderOf(context)) }, 202)
    })
  for (const change of ALERT_CHANGES)
    app.post(`/api/alerts/${change}`, async (context) => {
      refuseStrangers(context)
      const key = context.req.query('key') ?? ''
      if (key === '') throw new HTTPException(400, { message: 'Name the alert by its key: ?key=KEY' })
      const { event, answer: made } = await commandAlert(key, change, await orderOf(context))
      if (made === null) return answer(context, { error: notTaken(event) }, 503)
      if (!made.ok) return answer(context, { error: `The hub refused: ${made.reason}.` }, 409)
      return answer(context, { event, ...made })
    })
  app.post('/api/retained/clear', async (context) => {
    refuseStrangers(context)
    return answer(context, await clearRetained(retainedRangeOf(context.req.query())))
  })
  app.post('/api/clients/:id/kick', async (context) => {
    refuseStrangers(context)
    const client = context.req.param('id')
    const { by } = (await orderOf(context)) as { readonly by?: unknown }
    const event = await kick(client, typeof by === 'string' ? by : '')
    if (event !== undefined) return answer(context, { event })
    throw new HTTPException(404, { message: `The client ${JSON.stringify(client)} is not connected.` })
  })
  return app
}

const notTaken = (event: number): string =>
  `The command is in the journal, as event ${event}, but no engine has taken it yet: one will as soon as it can.`

/** An order is a few words. */
const LARGEST_ORDER = 1_024

async function orderOf({ req }: Request): Promise<object> {
  const text = await req.text()
  if (text === '') return {}
  const order: unknown = text.length > LARGEST_ORDER ? undefined : jsonIn(Buffer.from(text))
  if (typeof order === 'object' && order !== null) return order
  throw new HTTPException(400, { message: 'The body is to be empty or a small JSON object.' })
}

function refuseStrangers(context: Request): void {
  refuseOtherMachines(context)
  refuseOtherOrigins(context)
  if (context.req.header('content-type')?.split(';')[0]?.trim() !== 'application/json')
    throw new HTTPException(415, { message: 'The content type must be application/json.' })
}
