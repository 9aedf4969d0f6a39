// Files that are damaged while no hub runs: the start reports the damage, changes nothing that can still be
// read, and never takes what a killed hub leaves for damage.
//
// Covers `src/journal/database/acknowledged.ts`, `src/journal/database/journal-error.ts`.

import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { lossSentence } from '../../../src/journal/database/acknowledged.ts'
import type { Loss } from '../../../src/journal/database/acknowledged.ts'
import { damageOf } from '../../../src/journal/database/damage.ts'
import { JournalError } from '../../../src/journal/database/journal-error.ts'
import { databasePath, openForReading } from '../../../src/journal/database/open.ts'
import { KEEP_ALL } from '../../../src/journal/forget/history-limits.ts'
import { openWriter } from '../../../src/journal/thread/writer.ts'
import { openBench, openRaw, temporaryFolder } from '../fixtures.ts'
import { event } from '../nouns.ts'

const LAST = 60

/** The files of a killed hub: the first half of its events is in the database, the rest in the log. */
function killed(): { readonly dataDir: string; readonly path: string; readonly log: string } {
  const { dataDir: live, writer } = openBench()
  for (let id = 1; id <= LAST; id++) {
    writer.commit({ events: [event(id, { payload: Buffer.alloc(2_000, id) })] })
    writer.sync()
    if (id === LAST / 2) openRaw(live).pragma('wal_checkpoint(RESTART)')
  }
  const dataDir = temporaryFolder()
  for (const name of ['journal.db', 'journal.db-wal', 'journal.acknowledged'])
    copyFileSync(join(live, name), join(dataDir, name))
  return { dataDir, path: databasePath(dataDir), log: `${databasePath(dataDir)}-wal` }
}

/** Opens the journal as the hub does, and closes it again. */
function start(dataDir: string): { readonly lastEventId: number; readonly losses: readonly Loss[] } {
  const losses: Loss[] = []
  const clock = new ManualClock(Date.UTC(2026, 0, 1))
  const writer = openWriter({ dataDir, durability: 'normal', history: KEEP_ALL, clock }, (loss) =>
    losses.push(loss),
  )
  onTestFinished(() => writer.close())
  const { lastEventId } = writer
  writer.close()
  return { lastEventId, losses }
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[Math.floor(bytes.length * at)]! ^= 1
  writeFileSync(file, bytes)
}

describe('what a killed hub leaves', () => {
  it('is not taken for damage', () => {
    const { dataDir } = killed()
    expect(start(dataDir)).toEqual({ lastEventId: LAST, losses: [] })
  })

  it('is not taken for damage when the database is shorter than it says and the log has the rest', () => {
    const { dataDir, writer } = openBench()
    const before = readFileSync(databasePath(dataDir)).length
    for (let id = 1; id <= LAST; id++)
      writer.commit({ events: [event(id, { payload: Buffer.alloc(2_000) })] })
    const log = readFileSync(`${databasePath(dataDir)}-wal`)
    openRaw(dataDir).pragma('wal_checkpoint(PASSIVE)')
    const torn = databasePath(temporaryFolder())
    copyFileSync(databasePath(dataDir), torn)
    truncateSync(torn, before)
    writeFileSync(`${torn}-wal`, log)
    expect(damageOf(torn)).toBeNull()
    rmSync(`${torn}-wal`)
    expect(damageOf(torn)).toMatch(/journal\.db ends after .* of /)
  })
})

describe('a log that has lost its end', () => {
  const damages: readonly (readonly [string, (log: string) => void])[] = [
    ['a bit has flipped', (log) => flip(log, 0.2)],
    ['it is cut', (log) => truncateSync(log, Math.floor(readFileSync(log).length / 5))],
    ['it is gone', (log) => rmSync(log)],
    ['its header is damaged', (log) => flip(log, 0)],
  ]

  it.each(damages)('is told when %s, and kept as it was found', (_, damage) => {
    const { dataDir, path, log } = killed()
    damage(log)
    const found = existsSync(log) ? readFileSync(log) : null
    const { lastEventId, losses } = start(dataDir)
    expect(lastEventId).toBeGreaterThanOrEqual(LAST / 2)
    expect(lastEventId).toBeLessThan(LAST)
    const copyPath = found === null ? null : `${log}.damaged-2026-01-01T00-00-00-000Z`
    expect(losses).toEqual([{ lastEventId, acknowledgedUpTo: LAST, isByPowerCut: false, copyPath }])
    expect(copyPath === null ? null : readFileSync(copyPath)).toEqual(found)
    const sentence = lossSentence(path, losses[0]!)
    expect(sentence).toContain(
      `ends with event ${lastEventId}, but the events up to ${LAST} had been acknowledged`,
    )
    expect(sentence).toContain(copyPath ?? 'There was no log.')
  })

  it('is no damage after a power cut where the durability allows that', () => {
    const { dataDir, path, log } = killed()
    rmSync(log)
    writeFileSync(join(dataDir, 'journal.acknowledged'), `${LAST} normal another-boot`.padEnd(127) + '\n')
    const [loss] = start(dataDir).losses
    expect(loss).toMatchObject({ isByPowerCut: true })
    expect(lossSentence(path, loss!)).toMatch(/are lost.*With durability 'normal' a power cut may/)
  })

  it('is told once: the next start goes from what is there', () => {
    const { dataDir, log } = killed()
    rmSync(log)
    const { writer } = openBench({ dataDir })
    writer.commit({ events: [event(writer.lastEventId + 1)] })
    writer.sync()
    writer.close()
    expect(start(dataDir).losses).toEqual([])
  })

  it('says nothing where the mark itself cannot be read', () => {
    const { dataDir, log } = killed()
    rmSync(log)
    writeFileSync(join(dataDir, 'journal.acknowledged'), '12')
    expect(start(dataDir).losses).toEqual([])
  })
})

describe('a damaged database', () => {
  const garbage = (path: string, from: number): void => {
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.fill(0xa5, from))
  }
  const damages: readonly (readonly [string, (path: string) => void, RegExp])[] = [
    ['is empty', (path) => truncateSync(path, 0), /journal\.db is empty, but its log .*-wal of .* is there;/],
    ['is missing', (path) => rmSync(path), /journal\.db is missing, but its log .*-wal of .* is there;/],
    [
      'is cut in half',
      (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
      /journal\.db ends after .* of .*;/,
    ],
    [
      'is cut in half and has no log',
      (path) => {
        truncateSync(path, Math.floor(readFileSync(path).length / 2))
        rmSync(`${path}-wal`)
      },
      /journal\.db ends after .* of .*;/,
    ],
    [
      'has garbage in its header',
      (path) => {
        garbage(path, 0)
        rmSync(`${path}-wal`)
      },
      /journal\.db is damaged \(file is not a database\);/,
    ],
    [
      'has garbage behind its header',
      (path) => {
        garbage(path, 4_096)
        rmSync(`${path}-wal`)
      },
      /journal\.db is damaged \(database disk image is malformed\);/,
    ],
  ]

  it.each(damages)(
    'that %s is refused with a sentence, and nothing of it is changed',
    (_, damage, sentence) => {
      const { dataDir, path } = killed()
      damage(path)
      const files = readdirSync(dataDir).map((name) => [name, readFileSync(join(dataDir, name))] as const)
      for (const open of [() => start(dataDir), () => start(dataDir)]) {
        expect(open).toThrow(JournalError)
        expect(open).toThrow(sentence)
        expect(open).toThrow(
          /nothing was changed\. Restore a backup, or move the file .*sqlite3 .* \.recover/,
        )
      }
      for (const [name, bytes] of files) expect(readFileSync(join(dataDir, name)).equals(bytes)).toBe(true)
    },
  )

  it('is not emptied by a command that reads', () => {
    const { dataDir, path, log } = killed()
    truncateSync(path, 0)
    expect(() => openForReading(dataDir)).toThrow(/is empty, but its log/)
    expect(existsSync(log)).toBe(true)
  })
})
