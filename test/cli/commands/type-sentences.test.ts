// The sentences are held to the real checker: a version that words them differently fails here.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

const MISTAKES = {
  "{ on: 'x', for: '2 min', do: () => [] }": `Type '"2 min"' is not assignable to type a duration such as '30s', '5m' or '7d'. (TS2322)`,
  "{ on: silence('x', '2 minutes'), do: () => [] }": `Argument of type '"2 minutes"' is not assignable to parameter of type a duration such as '30s', '5m' or '7d'. (TS2345)`,
  "{ on: 'a+/b', do: () => [] }": `"a+/b": + must begin its level; here it stands inside of a+ (TS2322)`,
  "{ on: 'x/+y', do: ({ params }) => shell`echo ${params.z}` }": `Property 'z' does not exist on type '{ readonly y: string; }'. (TS2339)`,
  "{ on: ['x/+y', 'z'], do: ({ params }) => shell`echo ${params.y}` }": `Argument of type 'string | undefined' is not assignable to parameter of type 'string | number | bigint | readonly (string | number | bigint)[]': not every filter of the rule has this wildcard: say what to take instead, as in \${params.name ?? "none"} (TS2345)`,
  "{ on: 'x', when: ({ payload }) => payload.open, do: () => [] }": `'payload' is of type 'unknown': say what it looks like: payload: z.object({ … }) (TS18046)`,
  "{ on: 'x', do: ({ payload }) => shell`echo ${payload}` }": `Argument of type 'unknown' is not assignable to parameter of type 'string | number | bigint | readonly (string | number | bigint)[]': give the payload a schema, or convert it: \${String(value)} (TS2345)`,
  "{ on: 'x', do: () => { shell`echo` } }": `Type '() => void' is not assignable to type '(context: ContextOf<"x", undefined>) => Actions': do returns its actions: leave the braces out, or write return (TS2322)`,
  "{ on: 'x', do: async () => [shell`echo`] }": `Type 'Promise<Action[]>' is not assignable to type 'Actions': do is not async: what takes time belongs into an action, such as call(async () => …) (TS2322)`,
  "{ on: 'x', do: () => shell`echo ${secret('X')}` }": `Argument of type 'Secret' is not assignable to parameter of type 'string | number | bigint | readonly (string | number | bigint)[]': every process of the machine can see an argument: shell({ env: { NAME: secret(…) } })\`…\` (TS2345)`,
  "{ on: 'x', do: () => call({ timeout: '3s' }, () => 1) }": `Object literal may only specify known properties, and 'timeout' does not exist in type 'CallFunction': the function comes first: call(() => …, { timeout: … }) (TS2353)`,
} as const

test('what the type checker says of a mistake is said in words of the language', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'rules'))
  const names = 'call, rule, secret, shell, silence'
  const rules = Object.keys(MISTAKES).map(
    (text, number) => `export const r${number} = rule('r${number}', ${text})`,
  )
  writeFileSync(
    join(folder, 'rules', 'r.ts'),
    [`import { ${names} } from 'vigie'; void [${names}]`, ...rules].join('\n'),
  )
  const { out } = await runCommand(['check', 'rules'], { cwd: folder })
  const said = [...out.matchAll(/^error rules\/r\.ts:(\d+):\d+: (.*\(TS\d+\))$/gm)]
  expect(
    Object.fromEntries(said.map(([, line, message]) => [Object.keys(MISTAKES)[Number(line) - 2], message])),
  ).toEqual(MISTAKES)
})
