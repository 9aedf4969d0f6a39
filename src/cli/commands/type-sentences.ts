// The type checker's sentences, where a newcomer to the rule language would stumble over them, in the words
// of the language.

/** A duration as the checker writes it, a union of all units: "`${number}d` | `${number}h` | …". */
const UNITS = '(?:`\\$\\{number\\}(?:ms|[smhdw])`(?: \\| )?){6}'
const DURATION = new RegExp(`'${UNITS}(?:undefined)?'`, 'g')
const DURATION_WITHIN = new RegExp(UNITS, 'g')
/**
 * What stands for a bad topic filter is the sentence itself, once for a filter and once for a list of them.
 */
const BAD_FILTER = /^Type '("[^]*")' is not assignable to type '"([^]*)" \| readonly "\2"\[\]'\.$/

const HINTS: readonly (readonly [error: RegExp, hint: string])[] = [
  [/'payload' is of type 'unknown'/, 'say what it looks like: payload: z.object({ … })'],
  [
    /^Type 'Promise<.*' is not assignable to type 'Actions'/,
    'do is not async: what takes time belongs into an action, such as call(async () => …)',
  ],
  [
    /^Type '.*=> void' is not assignable to type '.*=> Actions'/,
    'do returns its actions: leave the braces out, or write return',
  ],
  [
    /^Argument of type 'Secret'/,
    'every process of the machine can see an argument: shell({ env: { NAME: secret(…) } })`…`',
  ],
  [
    /^Argument of type '(?:string|number) \| undefined' .*readonly \(string/,
    'not every filter of the rule has this wildcard: say what to take instead, as in ${params.name ?? "none"}',
  ],
  [
    /^Argument of type 'unknown' .*readonly \(string/,
    'give the payload a schema, or convert it: ${String(value)}',
  ],
  [
    /'timeout' does not exist in type 'CallFunction'/,
    'the function comes first: call(() => …, { timeout: … })',
  ],
]

/** @param message of a diagnostic, without its code */
export function readable(message: string): string {
  const filter = BAD_FILTER.exec(message)
  if (filter) return `${filter[1]}: ${filter[2]}`
  const [, hint] = HINTS.find(([error]) => error.test(message)) ?? []
  const plain = message
    .replaceAll(DURATION, "a duration such as '30s', '5m' or '7d'")
    .replaceAll(DURATION_WITHIN, 'Duration')
  return hint === undefined ? plain : `${plain.replace(/\.$/, '')}: ${hint}`
}
