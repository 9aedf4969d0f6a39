// How a channel's requests are sent, where the user may choose: credentials, TLS, headers.

import { z } from 'zod'
import { flag, secretOnly, secretText, text } from './settings.ts'

/** Files are PEM; `verify: false` takes any certificate, so anybody between can read what is sent. */
export const tls = z.strictObject({
  caFile: text.optional(),
  certFile: text.optional(),
  keyFile: text.optional(),
  verify: flag.optional(),
})

export const auth = z.union(
  [z.strictObject({ bearer: secretOnly }), z.strictObject({ user: secretText, password: secretOnly })],
  "expected { bearer: secret('NAME') } or { user: 'me', password: secret('NAME') }",
)
