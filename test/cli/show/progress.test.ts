import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { progressOn } from '../../../src/cli/show/progress.ts'

function terminal(isTty: boolean) {
  const printed: string[] = []
  const world = { now: 0 }
  return {
    printed,
    world,
    out: (text: string) => void printed.push(`to the output: ${text}`),
    error: (text: string) => void printed.push(text),
    input: () => Readable.from([]),
    isTty,
    hasColors: false,
    columns: 80,
    cwd: '/',
    interrupted: () => new AbortController().signal,
    outliveReader: () => {},
    now: () => world.now,
  }
}

it('shows how far it has come, not more than ten times a second, and takes the bar away', () => {
  const screen = terminal(true)
  const progress = progressOn(screen, 'events')
  progress.show(0, 2_000)
  screen.world.now = 99
  progress.show(500, 2_000)
  screen.world.now = 100
  progress.show(1_000, 2_000)
  progress.end()
  expect(screen.printed).toEqual([
    `\r${'░'.repeat(30)}   0 % 0 events`,
    `\r${'█'.repeat(15)}${'░'.repeat(15)}  50 % 1,000 events`,
    '\r\u001B[K',
  ])
})

it('is full where there was nothing to do, and never more than full', () => {
  const screen = terminal(true)
  progressOn(screen, 'events').show(0, 0)
  progressOn(screen, 'events').show(3, 2)
  expect(screen.printed).toEqual([`\r${'█'.repeat(30)} 100 % 0 events`, `\r${'█'.repeat(30)} 100 % 3 events`])
})

it('prints nothing where no person looks', () => {
  const pipe = terminal(false)
  const progress = progressOn(pipe, 'events')
  progress.show(1, 2)
  progress.end()
  expect(pipe.printed).toEqual([])
})
