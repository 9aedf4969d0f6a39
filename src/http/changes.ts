// The requests that change something. They come from this machine, and from no web page: a page of another
// origin cannot send this content type without asking first, and is not answered when it asks.

import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { RUN_CHANGES } from '../model/run.ts'
import type { RunAnswer, RunChange } from '../model/run.ts'
import type { ClearedRetained, RetainedRange } from '../model/store.ts'
import { answer } from './answer.ts'
import { refuseOtherMachines, refuseOtherOrigins } from './callers.ts'
import type { Request } from './callers.ts'
import { readId, retainedRangeOf } from './params.ts'

export interface Changes {
  changeRun(this: void, id: number, change: RunChange): Promise<RunAnswer>
  clearRetained(this: void, range: RetainedRange): Promise<ClearedRetained>
}

export function changeRoutes({ changeRun, clearRetained }: Changes): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  for (const change of RUN_CHANGES)
    app.post(`/api/runs/:id/${change}`, async (context) => {
      refuseStrangers(context)
      const made = await changeRun(readId(context.req.param('id')), change)
      return made.ok ? answer(context, { ok: true }) : answer(context, { error: made.reason }, 409)
    })
  app.post('/api/retained/clear', async (context) => {
    refuseStrangers(context)
    return answer(context, await clearRetained(retainedRangeOf(context.req.query())))
  })
  return app
}

function refuseStrangers(context: Request): void {
  refuseOtherMachines(context)
  refuseOtherOrigins(context)
  if (context.req.header('content-type')?.split(';')[0]?.trim() !== 'application/json')
    throw new HTTPException(415, { message: 'The content type must be application/json.' })
}
