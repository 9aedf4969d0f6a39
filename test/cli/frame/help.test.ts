import { expect, it } from 'vitest'
import { COMMANDS } from '../../../src/cli/commands.ts'
import { flowed, helpWidth } from '../../../src/cli/frame/help.ts'
import { runCommand } from '../../support/terminal.ts'

it('lists every command once, on one line of 80 columns, below the heading of its group', async () => {
  const { out } = await runCommand(['--help'], { columns: 80 })
  const lines = out.split('\n')
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  for (const { usage, summary, group } of COMMANDS) {
    const at = lines.findIndex((line) => line.trimStart().startsWith(`${usage.split(' ')[0]} `))
    expect(lines[at]?.replace(/^  \S+ +/, '')).toBe(summary)
    expect(lines.slice(0, at).findLast((line) => line.endsWith(':'))).toBe(`${group}:`)
  }
})

it('fits the help of every command to the width of the terminal', async () => {
  for (const { usage } of COMMANDS) {
    const { out } = await runCommand(['help', usage.split(' ')[0]!], { columns: 80 })
    expect(out).toContain('--utc')
    // The first line is the usage, which is not broken.
    const [, ...rest] = out.split('\n')
    expect(rest.filter((line) => line.length > 80)).toEqual([])
  }
})

it('joins the lines of a paragraph, and leaves a line that shows a command alone', () => {
  const text = 'One\ntwo:\nvigie user add bob\nthree\nfour\n\nfive\n  six'
  expect(flowed(text, 80)).toBe('One two:\nvigie user add bob\nthree four\n\nfive\n  six')
  expect(flowed('words '.repeat(20).trim(), 50).split('\n')).toHaveLength(3)
})

it('writes no line of more than 100 characters on a wider terminal', () => {
  expect([80, 300].map(helpWidth)).toEqual([80, 100])
})
