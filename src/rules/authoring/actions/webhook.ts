// `webhook(url, { … })` sends an HTTP request, by default a POST of the event as JSON.

import type { WebhookSpec } from '../../../model/action.ts'
import { REQUEST_KINDS, requestSpec } from './request.ts'
import type { RequestOptions } from './request.ts'
import { action } from './action.ts'
import type { Action, ActionOptions } from './action.ts'
import { name, object, pattern, requireKinds, requireOptions, secretOnly, status } from './options.ts'
import { isSecret, secretRef } from './secret.ts'
import type { Secret, SecretOrText } from './secret.ts'

/** Options of the request; by default a POST of the event as JSON. */
export interface WebhookOptions extends ActionOptions, RequestOptions {
  /** Signs the body with HMAC-SHA-256, in the header `X-Signature-256` unless `header` names another. */
  readonly sign?: { readonly key: Secret; readonly header?: string }
  /** Which answer is a success; by default a status from 200 to 299. */
  readonly expect?: {
    readonly status?: number | readonly number[]
    /** The body of the answer must match this. */
    readonly body?: RegExp
  }
}

const KINDS = { ...REQUEST_KINDS, sign: object, expect: object }

/**
 * Sends an HTTP request, by default a POST of the event as JSON. 5 attempts of 10 seconds unless options say
 * otherwise; the pauses follow a Retry-After of the server.
 * @throws TypeError when the URL or an option is wrong
 */
export function webhook(url: SecretOrText, options: WebhookOptions = {}): Action {
  requireOptions('webhook', options, KINDS)
  const { sign, expect } = options
  return action(
    'webhook',
    {
      kind: 'spec',
      spec: {
        kind: 'webhook',
        ...requestSpec('webhook', url, options, 'POST'),
        ...(sign && { sign: signOf(sign) }),
        ...(expect && { expect: expectOf(expect) }),
      },
    },
    options,
    { timeout: '10s', attempts: 5 },
  )
}

function signOf(sign: NonNullable<WebhookOptions['sign']>): NonNullable<WebhookSpec['sign']> {
  requireKinds('webhook: sign', sign, { key: secretOnly, header: name })
  if (!isSecret(sign.key)) throw new TypeError("webhook: sign: it needs a key: secret('NAME')")
  return { key: secretRef(sign.key), header: sign.header ?? 'X-Signature-256' }
}

function expectOf(expect: NonNullable<WebhookOptions['expect']>): NonNullable<WebhookSpec['expect']> {
  requireKinds('webhook: expect', expect, { status, body: pattern })
  const { status: statuses, body } = expect
  return {
    ...(statuses !== undefined && { status: [statuses].flat() }),
    ...(body && { body: { source: body.source, flags: body.flags } }),
  }
}
