// What services deliver over HTTP (`POST /in/<name>`), in the configuration: on which topics it is published, and how
// the hub knows who delivers.

import { z } from 'zod'
import { DECLARED_NAME, NAME_SENTENCE } from '../model/declarations.ts'
import { INTAKE_SENDERS } from '../model/intake.ts'
import type { Intake, IntakeSender } from '../model/intake.ts'
import { parseTemplate, topicTemplateProblem } from '../topics/template.ts'
import { secret } from './secret.ts'

interface Ways {
  /** Below `in/<name>`. */
  readonly topic: string
  readonly delivery?: string
  /** The header of the signature. */
  readonly signature?: string
}

/** What the documents of each service say of its requests. */
const WAYS: Readonly<Record<IntakeSender, Ways>> = {
  alertmanager: { topic: '{status}' },
  gitea: {
    topic: '{header:x-gitea-event}',
    delivery: '{header:x-gitea-delivery}',
    signature: 'x-gitea-signature',
  },
  github: {
    topic: '{header:x-github-event}',
    delivery: '{header:x-github-delivery}',
    signature: 'x-hub-signature-256',
  },
  grafana: { topic: '{status}', signature: 'x-grafana-alerting-signature' },
  jenkins: { topic: '{name}/{build.phase}', delivery: '{build.full_url} {build.phase}' },
  'uptime-kuma': { topic: '{monitor.name}' },
}

const template = z.string().transform((text, context) => {
  try {
    return parseTemplate(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
    return z.NEVER
  }
})

const topic = template.superRefine((parsed, context) => {
  const problem = topicTemplateProblem(parsed)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

const intake = z
  .strictObject({
    /** The service that delivers; what it is known to do need not be told. */
    from: z.enum(INTAKE_SENDERS).optional(),
    /** Where a delivery is published: `in/builds/{name}`, with values of the body, and `{header:x-event}`. */
    topic: topic.optional(),
    /** What is the same when a delivery is repeated: `{header:x-delivery}`. */
    delivery: template.optional(),
    /** The key with which the service signs what it delivers. */
    secret: secret.optional(),
    /** The header of the signature, HMAC-SHA256 in hexadecimal. */
    signature: z.string().toLowerCase().optional(),
    /** A token that the service sends. */
    token: secret.optional(),
  })
  .superRefine(({ from, secret: key, signature }, context) => {
    const header = signature ?? (from && WAYS[from].signature)
    if (key !== undefined && header === undefined)
      context.addIssue({
        code: 'custom',
        path: ['secret'],
        message: `needs the name of the header of the signature (signature: 'x-signature')${from ? `: ${from} is not known to sign` : ''}; or write token`,
      })
    if (signature !== undefined && key === undefined)
      context.addIssue({
        code: 'custom',
        path: ['signature'],
        message: 'needs secret, the key of the signature',
      })
  })

const name = z.string().regex(DECLARED_NAME, NAME_SENTENCE)

export const intakeSchema = z
  .record(name, intake)
  .transform((given) =>
    Object.fromEntries(Object.entries(given).map(([each, how]) => [each, intakeOf(each, how)])),
  )

function intakeOf(of: string, { from, secret: key, ...given }: z.output<typeof intake>): Intake {
  const ways: Ways | undefined = from && WAYS[from]
  const header = given.signature ?? ways?.signature
  return {
    topic: given.topic ?? parseTemplate(`in/${of}${ways ? `/${ways.topic}` : ''}`),
    delivery: given.delivery ?? (ways?.delivery === undefined ? null : parseTemplate(ways.delivery)),
    signature: key !== undefined && header !== undefined ? { header, secret: key } : null,
    token: given.token ?? null,
  }
}
