import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { withoutTypes } from '../../../src/engine/load/stripped.ts'
import { temporaryFolder } from '../../support/hub.ts'

/** As it stands in a file. */
function kept(stripped: string): string {
  return createHash('sha256').update(stripped).digest('hex') + stripped
}

it('takes types out and leaves every other character at its place, without a word', () => {
  const warned = vi.spyOn(process, 'emitWarning')
  expect(withoutTypes('const a: number = 1 // é\n', temporaryFolder())).toBe('const a         = 1 // é\n')
  expect(withoutTypes('let b = 2 as const\n', undefined)).toMatch(/^let b = 2 +\n$/)
  expect(warned).not.toHaveBeenCalled()
})

it('does not compile again what it has kept', () => {
  const folder = join(temporaryFolder(), 'not', 'there', 'yet')
  withoutTypes('const a: number = 1', folder)
  const [name = ''] = readdirSync(folder)
  expect(readFileSync(join(folder, name), 'utf8')).toBe(kept('const a         = 1'))
  writeFileSync(join(folder, name), kept('as it was kept'))
  expect(withoutTypes('const a: number = 1', folder)).toBe('as it was kept')
  expect(withoutTypes('const a: number = 2', folder)).toBe('const a         = 2')
})

it.each(['', '\0'.repeat(80), kept('const a         = 1').slice(0, -1), 'const a         = 1'])(
  'compiles again where a power cut has left %j',
  (left) => {
    const folder = temporaryFolder()
    withoutTypes('const a: number = 1', folder)
    const [name = ''] = readdirSync(folder)
    writeFileSync(join(folder, name), left)
    expect(withoutTypes('const a: number = 1', folder)).toBe('const a         = 1')
    expect(readFileSync(join(folder, name), 'utf8')).toBe(kept('const a         = 1'))
  },
)

it('keeps nothing of a file that does not compile, and says why', () => {
  const folder = temporaryFolder()
  expect(() => withoutTypes('const const', folder)).toThrow(SyntaxError)
  expect(() => withoutTypes('enum A { b }', folder)).toThrow(/enum/)
  expect(readdirSync(folder)).toEqual([])
})

it('goes on where nothing can be kept', () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  expect(withoutTypes('let a: 1', file)).toBe('let a   ')
})

it('lets the older half go when there are many', () => {
  const folder = join(temporaryFolder(), 'rules')
  mkdirSync(folder)
  for (let at = 1; at <= 400; at++) {
    writeFileSync(join(folder, `${at}.js`), '')
    utimesSync(join(folder, `${at}.js`), at, at)
  }
  withoutTypes('let a: 1', folder)
  const left = readdirSync(folder)
  expect(left).toHaveLength(201)
  expect(left).not.toContain('200.js')
  expect(left).toContain('201.js')
})
