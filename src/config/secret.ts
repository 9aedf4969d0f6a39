// A setting that must be a secret, so that its value never stands in the configuration.

import { z } from 'zod'
import { isSecretRef, SECRET_SENTENCE } from '../model/secret.ts'
import type { SecretRef } from '../model/secret.ts'

/** What `secret('NAME')` returns. Only the name goes on. */
export const secret = z
  .custom<SecretRef>(isSecretRef, SECRET_SENTENCE)
  .meta({ title: "secret('NAME')" })
  .transform(({ secret: name }): SecretRef => ({ secret: name }))
