import { expect, it } from 'vitest'
import { displacedSentence, isStorageTrouble, troubleSentence } from '../../../src/journal/thread/trouble.ts'

const withCode = (code: string): Error => Object.assign(new Error('why'), { code })

it.each([
  ['SQLITE_FULL', true],
  ['SQLITE_IOERR_WRITE', true],
  ['SQLITE_READONLY_DBMOVED', true],
  ['SQLITE_CORRUPT', true],
  ['SQLITE_BUSY', true],
  ['SQLITE_CONSTRAINT_CHECK', false],
  ['SQLITE_MISMATCH', false],
  ['SQLITE_TOOBIG', false],
  ['SQLITE_RANGE', false],
  ['SQLITE_ERROR', false],
  ['EIO', false],
  ['', false],
])('tells by the code %j whether a failed commit is trouble of the storage: %s', (code, isTrouble) => {
  expect(isStorageTrouble(withCode(code))).toBe(isTrouble)
})

it.each([
  ['SQLITE_FULL', /^The disk is full\. .*Make room on it\.$/],
  ['ENOSPC', /^The disk is full\. .*Make room on it\.$/],
  ['SQLITE_IOERR_FSYNC', /^The disk reports an error\. .*See the system log\.$/],
  ['EIO', /^The disk reports an error\. .*See the system log\.$/],
  ['SQLITE_READONLY', /^The disk has become read-only\. .*Mount it for writing\.$/],
  ['EROFS', /^The disk has become read-only\. .*Mount it for writing\.$/],
  ['SQLITE_CORRUPT_VTAB', /^The journal is damaged\. .*restore the file from a backup\.$/],
  ['SQLITE_BUSY', /^The journal cannot be written \(.*\); .* it is tried again every second\.$/],
])('says at %s what is wrong, why, and what to do', (code, sentence) => {
  const told = troubleSentence('/data/journal.db', withCode(code))
  expect(told).toMatch(sentence)
  expect(told).toContain('(/data/journal.db: why); nothing is acknowledged meanwhile')
})

it('names the path that leads elsewhere, and where to read on', () => {
  expect(displacedSentence('/data/journal.db')).toMatch(
    /^\/data\/journal\.db is no longer .*docs\/durability\.md/,
  )
})
