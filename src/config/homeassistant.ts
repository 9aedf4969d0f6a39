// Whether, and how, Home Assistant is told what the hub knows of.

import { z } from 'zod'
import { topicNameProblem } from '../topics/names.ts'

const settings = z.strictObject({
  /** First levels of the topics of discovery, as Home Assistant has them. */
  prefix: z
    .string()
    .superRefine((text, context) => {
      const problem = topicNameProblem(text)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    })
    .default('homeassistant'),
  /** Whether it is told of MQTT clients, too: one entity for each. */
  clients: z.boolean().default(true),
})

/** `true` stands for the defaults. */
export const homeassistantSchema = z
  .union([z.boolean(), settings])
  .default(false)
  .transform((given) => (given === true ? settings.parse({}) : given))
