import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isSystemError, systemReason } from '../../src/base/system-reason.ts'

const thrown = (act: () => unknown): unknown => {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('It went well.')
}

it('says in words why the system refused a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-reason-'))
  const missing = thrown(() => readFileSync(join(folder, 'missing')))
  const isFolder = thrown(() => readFileSync(folder))
  rmdirSync(folder)
  expect(systemReason(missing)).toBe('there is no such file or folder')
  expect(systemReason(isFolder)).toBe('it is a folder, not a file')
})

it('passes on what the system says under a code that it does not know', () => {
  const error = Object.assign(new Error('EXDEV: cross-device link'), { code: 'EXDEV', syscall: 'rename' })
  expect(systemReason(error)).toBe('EXDEV: cross-device link')
})

it('says nothing of an error that is not of the system', () => {
  const coded = Object.assign(new Error('bad argument'), { code: 'ERR_INVALID_ARG_TYPE' })
  expect([systemReason(coded), systemReason('ENOENT'), isSystemError(coded)]).toEqual([
    undefined,
    undefined,
    false,
  ])
})
