import {
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
  closeSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { backUp } from '../../../src/journal/database/backup.ts'
import { databasePath } from '../../../src/journal/database/open.ts'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { openBench, temporaryFolder } from '../fixtures.ts'
import { event, events, plain } from '../nouns.ts'

const MIB = 2 ** 20
const options = { isReplacing: false, progress: () => {} }
const idsIn = (dataDir: string): number[] => {
  const queries = openQueries(dataDir)
  const ids = queries.history({ limit: 1_000 }).map(({ id }) => id)
  queries.close()
  return ids
}

it('shows one moment, although the hub goes on, and begins only once', async () => {
  const { dataDir, writer } = openBench()
  const payload = Buffer.alloc(MIB, 1)
  writer.commit({ events: events(1, 12, { payload }) })
  const folder = temporaryFolder()
  const told: number[] = []
  let next = 13
  const made = await backUp(dataDir, join(folder, 'journal.db'), {
    isReplacing: false,
    progress(pages) {
      told.push(pages)
      writer.commit({ events: [event(next++, { payload })] })
      while (writer.tidy(false));
    },
  })
  expect(told.length).toBeGreaterThan(2)
  expect(told).toEqual(told.toSorted((one, other) => one - other))
  expect(made).toMatchObject({ events: 12, lastEventId: 12 })
  expect(idsIn(folder)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
  expect(idsIn(dataDir)[0]).toBe(next - 1)
})

it('is one file that nobody else may read, and holds what stood in the log only', async () => {
  const { dataDir, writer } = openBench()
  writer.commit({ events: [event(1, { payload: Buffer.from('in the log') })] })
  const folder = temporaryFolder()
  await backUp(dataDir, join(folder, 'journal.db'), options)
  expect(readdirSync(folder)).toEqual(['journal.db'])
  expect(statSync(join(folder, 'journal.db')).mode & 0o777).toBe(0o600)
  const bench = openBench({ dataDir: folder })
  bench.writer.commit({ events: [event(2)] })
  const queries = openQueries(folder)
  expect(queries.history({ limit: 9 }).map(plain)).toMatchObject([
    { id: 2 },
    { id: 1, payload: btoa('in the log') },
  ])
  queries.close()
})

it('refuses a file that exists, and replaces it where that is wanted', async () => {
  const { dataDir, writer } = openBench()
  writer.commit({ events: [event(1)] })
  const file = join(temporaryFolder(), 'old.db')
  writeFileSync(file, 'precious')
  await expect(backUp(dataDir, file, options)).rejects.toThrow(
    /old\.db exists\. Name another file, or replace/,
  )
  expect(readFileSync(file, 'utf8')).toBe('precious')
  await backUp(dataDir, file, { ...options, isReplacing: true })
  const db = new SQLite(file, { readonly: true })
  expect(db.prepare('SELECT count(*) FROM events').pluck().get()).toBe(1)
  db.close()
})

it('keeps no copy that is damaged, and leaves the one before', async () => {
  const { dataDir, writer } = openBench()
  writer.commit({ events: events(1, 5_000) })
  while (writer.tidy(false));
  writer.close()
  const path = databasePath(dataDir)
  const file = openSync(path, 'r+')
  // The pages of a table, not the schema at the beginning.
  writeSync(file, Buffer.alloc(8_192, 0xff), 0, 8_192, Math.floor(statSync(path).size / 8_192) * 4_096)
  closeSync(file)
  const folder = temporaryFolder()
  const copy = join(folder, 'copy.db')
  writeFileSync(copy, 'the one before')
  await expect(backUp(dataDir, copy, { ...options, isReplacing: true })).rejects.toThrow(/damaged/)
  expect(readFileSync(copy, 'utf8')).toBe('the one before')
  expect(readdirSync(folder)).toEqual(['copy.db'])
})

it('says why it cannot write there', async () => {
  const { dataDir } = openBench()
  const file = join(dataDir, 'none', 'copy.db')
  await expect(backUp(dataDir, file, options)).rejects.toThrow(/copy\.db.* cannot be opened/)
  expect(existsSync(file)).toBe(false)
})
