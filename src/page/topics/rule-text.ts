// A rule file that fires on a topic, with the schema guessed from its last payloads: a beginning to go on from.

import { guessSchema, quoted } from './schema-guess.ts'

/** @param payloads the last payloads, parsed; what is not JSON is its text */
export function ruleText(topic: string, payloads: readonly unknown[]): string {
  const schema = payloads.length === 0 ? null : guessSchema(payloads, '  ')
  const lines = [
    "import { alert, rule } from 'vigie'",
    ...(schema === null ? [] : ["import { z } from 'zod'"]),
    '',
    `export default rule(${quoted(ruleName(topic))}, {`,
    `  on: ${quoted(topic)},`,
    ...(schema === null ? [] : [`  payload: ${schema},`]),
    '  do: ({ payload }) =>',
    `    alert({ key: ${quoted(ruleName(topic))}, title: ${title(topic)} }),`,
    '})',
    '',
  ]
  return lines.join('\n')
}

/** `house/Kitchen temp` becomes `house-kitchen-temp`: what a rule may be called. */
const ruleName = (topic: string): string =>
  topic
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60) || 'my-rule'

const title = (topic: string): string =>
  `\`${topic.replaceAll(/[`\\$]/g, String.raw`\$&`)}: \${JSON.stringify(payload)}\``
