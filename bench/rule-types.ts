// Measures how long the type checker takes for many rules: writes 300 different ones, and times tsc on the
// folder. Aim: under 3 seconds, since more is felt at every save.
//
//   node bench/rule-types.ts [RULES]

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { median } from './report.ts'

const ROUNDS = 5
const LONGEST_MS = 3_000

const rules = Number(process.argv[2] ?? 300)
const checkout = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vigie-rule-types-'))

try {
  for (let number = 0; number < rules; number++)
    writeFileSync(join(folder, `rule-${number}.ts`), ruleFile(number))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig()))
  const ms = median(times())
  process.stdout.write(`${rules} rules type-check in ${ms.toFixed(0)} ms (median of ${ROUNDS})\n`)
  if (rules === 300 && ms > LONGEST_MS) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}

function times(): number[] {
  return Array.from({ length: ROUNDS }, () => {
    const start = performance.now()
    const { status, stdout } = spawnSync(
      join(checkout, 'node_modules/.bin/tsc'),
      ['-p', folder, '--noEmit'],
      { encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`the rules do not type-check:\n${stdout.slice(0, 2_000)}`)
    return performance.now() - start
  })
}

/**
 * Makes rules of three shapes in turn: a schema with params, several filters with timers, a trigger with
 * deferred steps.
 */
function ruleFile(number: number): string {
  const shapes = [
    `export default rule('r${number}', {
  on: 'site/+building${number}/+room/door',
  payload: z.object({ open: z.boolean(), angle${number}: z.number().optional() }),
  when: ({ payload, last }) => payload.open && last('home/mode')?.payload === 'away',
  for: '2m',
  do: ({ params, payload }) => [
    shell\`notify \${params.building${number}} \${params.room} \${String(payload.angle${number})}\`,
    alert({ title: \`door \${params.room}\`, severity: 'warning' }),
  ],
})`,
    `export default rule('r${number}', {
  on: ['a${number}/+x/+y', 'b${number}/+x/#rest'],
  value: ({ payload }) => Number(payload),
  above: ${number},
  until: ${number - 1},
  throttle: '1m',
  count: [3, '10m'],
  do: ({ params }) => publish(\`out/\${params.x}\`, { y: params.y, rest: params.rest }),
})`,
    `export default rule('r${number}', {
  on: will('devices/+id${number}/status'),
  mode: 'queued',
  do: ({ params, event }) => [
    shell({ timeout: '10m' })\`ping -c 1 -- \${params.id${number}}\`,
    (results) => webhook('https://example.org/', { json: { results, at: event.at } }),
  ],
})`,
  ]
  return `import { alert, publish, rule, shell, webhook, will } from 'vigie'
import { z } from 'zod'

${shapes[number % shapes.length]}
void [alert, publish, shell, webhook, will, z]
`
}

function tsconfig(): object {
  return {
    extends: join(checkout, 'tsconfig.json'),
    compilerOptions: {
      rootDir: '/',
      typeRoots: [join(checkout, 'node_modules/@types')],
      paths: {
        vigie: [join(checkout, 'src/index.ts')],
        zod: [join(checkout, 'node_modules/zod/index.d.ts')],
      },
    },
    include: [folder],
  }
}
