// Covers `src/rules/authoring/actions/secret.ts`, `src/rules/authoring/actions/shell-words.ts`.

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { ACTION } from '../../../../src/rules/authoring/actions/action.ts'
import type { Action } from '../../../../src/rules/authoring/actions/action.ts'
import { secret } from '../../../../src/rules/authoring/actions/secret.ts'
import { shell } from '../../../../src/rules/authoring/actions/shell.ts'

const specOf = (action: Action): unknown => (action[ACTION] as { spec: unknown }).spec
const argv = (action: Action): unknown => (specOf(action) as { argv: unknown }).argv

it('makes every value exactly one argument, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => {
      fc.pre(!a.includes('\0') && !b.includes('\0'))
      expect(argv(shell`mv -- ${a} ${a}/${b} "${b} x" '${a}'${b} -o=${b}`)).toEqual([
        'mv',
        '--',
        a,
        `${a}/${b}`,
        `${b} x`,
        a + b,
        `-o=${b}`,
      ])
    }),
  )
})

it.each([
  [shell`echo 'a b' "c 'd'" e" f"`, ['echo', 'a b', "c 'd'", 'e f']],
  [shell`echo "" ${''}`, ['echo', '', '']],
  [
    shell`
    echo   a
      b
  `,
    ['echo', 'a', 'b'],
  ],
  [shell`rm ${['a b', 'c']} ${[]} -n ${3}`, ['rm', 'a b', 'c', '-n', '3']],
  [shell`echo '|' "&&" '$HOME' a|b x=1`, ['echo', '|', '&&', '$HOME', 'a|b', 'x=1']],
  [shell`find . -name *.txt`, ['find', '.', '-name', '*.txt']],
])('splits the literal part at white space and lets quotes group: %#', (action, words) => {
  expect(argv(action)).toEqual(words)
})

it.each([
  [() => shell`ls | wc`, '"|" would mean something to a shell'],
  [() => shell`a && b`, '"&&"'],
  [() => shell`ls > ${'file'}`, '">"'],
  [() => shell`ls 2>&1`, '"2>&1"'],
  [() => shell`cd /tmp; ls`, '"/tmp;"'],
  [() => shell`echo $HOME`, '"$HOME"'],
  [() => shell`echo $(date)`, '"$(date)"'],
  [() => shell`ls ~/x`, '"~/x"'],
  [() => shell`echo 'a`, "a ' is not closed"],
  [() => shell``, 'the command is empty'],
  [() => shell`${''} a`, 'the name of the program is empty'],
  [() => shell`echo a${['b']}`, 'an array becomes several arguments'],
  [() => shell`echo ${['b']}c`, 'an array becomes several arguments'],
  [() => shell`echo ${'a\0b'}`, 'NUL'],
  [() => shell`echo ${Number.NaN}`, 'got number'],
  [() => shell`echo ${{} as string}`, 'got object'],
  [() => shell`echo ${secret('TOKEN') as unknown as string}`, "shell({ env: { TOKEN: secret('TOKEN') } })"],
  [() => shell`echo ${[secret('TOKEN') as unknown as string]}`, 'environment'],
  [() => shell({ timeout: '5' as '5s' })`ls`, 'shell: timeout: expected a duration'],
  [
    () => shell({ retry: { attempts: 0 } })`ls`,
    'shell: retry: attempts: expected a whole number from 1 up, got 0',
  ],
  [() => shell.script(' '), 'the script is empty'],
])('refuses what is not meant: %s', (command, sentence) => {
  expect(command).toThrow(sentence)
})

it('takes options first, and names secrets without knowing them', () => {
  const action = shell({
    timeout: '10m',
    cwd: '/srv',
    env: { A: 'x', B: secret('B'), C: ['k=', secret('C')] },
    retry: { attempts: 3, min: '2s' },
  })`rsync -a x`
  expect(specOf(action)).toEqual({
    kind: 'shell',
    argv: ['rsync', '-a', 'x'],
    cwd: '/srv',
    env: { A: 'x', B: { secret: 'B' }, C: ['k=', { secret: 'C' }] },
  })
  expect(action.manner).toEqual({
    timeoutMs: 600_000,
    retry: { attempts: 3, minMs: 2_000, maxMs: 300_000 },
    onFailure: [],
  })
})

it('feeds a script by its environment only', () => {
  expect(specOf(shell.script('wc -l < "$FILE"', { env: { FILE: "a'b" } }))).toEqual({
    kind: 'shell',
    argv: [],
    script: 'wc -l < "$FILE"',
    env: { FILE: "a'b" },
  })
})
