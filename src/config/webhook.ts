// A webhook in a configuration: an address, or an object with what the request needs besides. It is read as a
// request.

import { z } from 'zod'
import type { RequestSpec } from '../model/request.ts'
import type { SecretRef, SecretText } from '../model/secret.ts'

const address = z.url({ protocol: /^https?$/ })

/** A reference that `secret('NAME')` returns; only the name is kept. */
const secretRef = z
  .custom<SecretRef>(
    (value) => typeof value === 'object' && value !== null && typeof (value as SecretRef).secret === 'string',
    "expected a text, secret('NAME'), or an array of these",
  )
  .transform(({ secret }): SecretRef => ({ secret }))
const piece = z.union([z.string(), secretRef])
const secretText: z.ZodType<SecretText> = z.union([piece, z.array(piece)])

const settings = z.strictObject({
  url: z.union([address, secretRef, z.array(piece)]),
  method: z.string().min(1).toUpperCase().default('POST'),
  headers: z.record(z.string(), secretText).default({}),
  auth: z
    .union([
      z.strictObject({ bearer: secretText }),
      z.strictObject({ user: secretText, password: secretText }),
    ])
    .optional(),
  tls: z
    .strictObject({
      caFile: z.string().min(1).optional(),
      certFile: z.string().min(1).optional(),
      keyFile: z.string().min(1).optional(),
      verify: z.boolean().optional(),
    })
    .optional(),
  redirects: z.int().min(0).optional(),
})

export const webhookSchema = z
  .union([address, settings])
  .transform(
    (given) =>
      (typeof given === 'string' ? { url: given, method: 'POST', headers: {} } : given) as RequestSpec,
  )
