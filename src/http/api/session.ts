// The session of the page: a person logs in, the browser keeps a cookie, and the person logs out.

import { deleteCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import { SCOPES } from '../../model/access.ts'
import type { HttpCaller } from '../caller.ts'
import { type Callers, cookieName, LoginNeeded } from '../callers/callers.ts'
import { isOverTls, refuseForms, refuseOtherOrigins } from '../callers/origins.ts'
import { LONGEST_MS } from '../callers/sessions.ts'
import { route } from '../route.ts'
import type { HttpContext, Resource } from '../route.ts'

const session = z.object({
  isLoginNeeded: z.boolean().describe('Nothing is shown to this caller without a login.'),
  isSession: z.boolean().describe('The caller has logged in on the page, and may log out.'),
  user: z.string().nullable(),
  scopes: z.array(z.enum(SCOPES)),
})

const NOBODY: z.output<typeof session> = { isLoginNeeded: true, isSession: false, user: null, scopes: [] }

export const sessionRoutes = (callers: Callers): Resource => ({
  name: 'Session',
  about: 'How a person logs in on the page. Programs show a token or a password with each request.',
  routes: [
    route(
      {
        method: 'GET',
        path: '/api/session',
        summary: 'Tell who asks',
        needs: 'open',
        answers: { 200: { says: 'Who it is.', schema: session } },
      },
      async ({ context }) => {
        context.header('Cache-Control', 'no-store')
        const caller = await callerOrNobody(callers, context)
        if (caller === null) return NOBODY
        const { user, scopes, isSession } = caller
        return { isLoginNeeded: false, isSession, user, scopes: [...scopes] }
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/session',
        summary: 'Log in',
        about:
          'Answers with a cookie. The session ends after 12 hours without a request, after 7 days, and when the hub is ' +
          'started anew.',
        needs: 'open',
        body: z.strictObject({ user: z.string(), password: z.string() }),
        answers: {
          200: { says: 'The session has begun.', schema: z.object({ user: z.string() }) },
          401: 'The user name or the password is wrong.',
          403: 'A page of another origin asks.',
          415: 'The content type is not `application/json`.',
          429: 'There were too many wrong passwords; try again in a few seconds.',
        },
      },
      async ({ body: { user, password }, context }) => {
        refuseForms(context)
        const secret = await callers.begin(user, password, context)
        setCookie(context, cookieName(context), secret, { ...cookie(context), maxAge: LONGEST_MS / 1_000 })
        return { user }
      },
    ),
    route(
      {
        method: 'DELETE',
        path: '/api/session',
        summary: 'Log out',
        needs: 'open',
        answers: {
          200: { says: 'The session has ended.', schema: z.object({ ok: z.literal(true) }) },
          403: 'A page of another origin asks.',
        },
      },
      ({ context }) => {
        refuseOtherOrigins(context)
        callers.end(context)
        deleteCookie(context, cookieName(context), cookie(context))
        return { ok: true }
      },
    ),
  ],
})

/** No script reads the cookie, and no page of another site makes a browser send it. */
const cookie = (context: HttpContext) =>
  ({ path: '/', httpOnly: true, sameSite: 'Strict', secure: isOverTls(context) }) as const

async function callerOrNobody(callers: Callers, context: HttpContext): Promise<HttpCaller | null> {
  try {
    return await callers.of(context)
  } catch (error) {
    if (error instanceof LoginNeeded && error.status === 401) return null
    throw error
  }
}
