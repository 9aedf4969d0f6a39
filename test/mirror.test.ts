// Whoever edits a file of src finds its tests: src/x/y/z.ts is tested by test/x/y/z.test.ts, or by a test whose
// top comment names the file, in backticks and by its path from the root.

import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** The comment with which a file begins. */
const topComment = (text: string): string => /^(?:\/\/.*\n)*/.exec(text)?.[0] ?? ''

/** The files that the top comment of each test names. */
const named = new Set(
  globSync('test/**/*.test.ts', { cwd: root }).flatMap((test) =>
    Array.from(topComment(read(test)).matchAll(/`(src\/[^`]+)`/g), ([, file]) => file ?? ''),
  ),
)

/** A file of types alone says nothing that could go wrong: each of its statements declares or imports. */
const hasCode = (text: string): boolean =>
  /^(?!import\b|(?:export )?(?:type|interface|declare)\b)[a-z]/m.test(text)

/** A migration is never changed once it is released; `schema.sql` holds what all of them make. */
const isFrozen = (file: string): boolean => /^src\/journal\/migrations\/\d{4}-/.test(file)

const testOf = (file: string): string => file.replace(/^src/, 'test').replace(/\.[jt]s$/, '.test.ts')

it('tests each file of src by a test of its name, or by one that names it', () => {
  const untested = globSync('src/**/*.{ts,js}', { cwd: root })
    .filter((file) => !isFrozen(file) && hasCode(read(file)))
    .filter((file) => !existsSync(join(root, testOf(file))) && !named.has(file))
  expect(untested).toEqual([])
})

it('names no file that is not there', () => {
  expect([...named].filter((file) => globSync(file, { cwd: root }).length === 0)).toEqual([])
})

it.each([
  [
    'types',
    "import type { A } from './a.ts'\n\n/** B. */\nexport interface B {\n  readonly a: A\n}\n",
    false,
  ],
  ['a type of several lines', "export type A =\n  | 'one'\n  | 'two'\n", false],
  ['a constant', "import { a } from './a.ts'\n\nexport const b = a\n", true],
  ['what it takes from others', "export { a } from './a.ts'\n", true],
  ['statements', 'if (isOld) process.exit(1)\n', true],
])('knows a file of %s', (_what, text, expected) => {
  expect(hasCode(text)).toBe(expected)
})
