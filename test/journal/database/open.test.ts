// Covers `src/journal/database/migrate.ts`, `src/journal/migrations/*`.

import SQLite from 'better-sqlite3'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { migrate } from '../../../src/journal/database/migrate.ts'
import { MIGRATIONS } from '../../../src/journal/migrations/all.ts'
import { databasePath, openForReading, openForWriting } from '../../../src/journal/database/open.ts'
import { ALERT_STATES } from '../../../src/model/alert.ts'
import { RULE_PAUSE_STATES } from '../../../src/model/rule-pause.ts'
import { RUN_STATES, STEP_STATES } from '../../../src/model/run.ts'
import { openBench, openRaw, temporaryFolder } from '../fixtures.ts'
import { event } from '../nouns.ts'

const SCHEMA = new URL('schema.sql', import.meta.url)

function schemaOf(db: SQLite.Database): string {
  return db
    .prepare<[], string>(
      `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
       ORDER BY type DESC, name`,
    )
    .pluck()
    .all()
    .map((sql) => `${sql};\n`)
    .join('\n')
}

describe('opening the database', () => {
  it('has the schema that is checked in (VIGIE_UPDATE_SCHEMA=1 writes it anew)', () => {
    const db = new SQLite(':memory:')
    migrate(db, 'a file')
    if (process.env['VIGIE_UPDATE_SCHEMA']) writeFileSync(SCHEMA, schemaOf(db))
    expect(schemaOf(db)).toBe(readFileSync(SCHEMA, 'utf8'))
  })

  it('lets nobody else read what it writes, whatever the folder allows', () => {
    const dataDir = temporaryFolder()
    chmodSync(dataDir, 0o755)
    openBench({ dataDir }).writer.commit({ events: [event(1)] })
    const modes = ['', '-wal', '-shm'].map((end) => statSync(databasePath(dataDir) + end).mode & 0o777)
    expect(modes).toEqual([0o600, 0o600, 0o600])
  })

  it('leaves released migrations as they are', () => {
    const hashes = MIGRATIONS.map(
      ({ name, sql }) => `${name} ${createHash('sha256').update(sql).digest('hex')}`,
    )
    expect(hashes).toEqual([
      '0001-journal 4f05ad4293d7b5316dc907161db7f6d4a8553b5aa371e00ee6bf68bf90f51169',
      '0002-sessions 1ce9496a55a9782c595f5ff8cca2464332e24c18071b2064318617e982bd1769',
      '0003-shares 0102e3a9e1857fa271c57213a8da7b2d443d267107eaac7d9a27e474ff301afd',
      '0004-feeds e8a81f61c0c095d84f9b5963e19d73a0c6cc80de6523f25d018bddfb2be031cd',
      '0005-past-subscriptions a0bdcc635b45066805e56f6c964f07d6564f0dccfdd372e3321ed9752e125296',
      '0006-slices ed551ebe8cb2b9c5d20594de57b877438a7519f952faa3d563c15060728dd2f6',
      '0007-cut-offs 9ba8a216041f4896f88af8c4a6ec78ee4121ea12b30917fcd7153255712a21d2',
      '0008-run-reason cebfd4e4ec8b4ceca6174e6d16f13f03fc1097263f252912157ca9057937a1b0',
      '0009-held-events 0319071d4bd71aef082340f015af5a66030bfdd7d73562e32b342e627a45e7d5',
      '0010-ended-sessions 65110e89cc915e92b79dea7f354e14db31239c2bada3b96fe1d54ffc8a340842',
      '0011-clocks-behind 96d9681585e143c230ed3127cab392c772419313865a6ab9e3d41a26931edb81',
      '0012-session-realms f91343b3f7e99dd1973603ab2d0d04c35fcc5fc286a5f7227727ee9eb45790c6',
      '0013-alerts f8f22e2066bfafedc85a4d43b8d085bd58ae20f07e9048db30abe3131472624d',
      '0014-run-details def1078378b43c768c9690d7f294f6c08823d0713c12f0f899fc6b28cf0ab6c8',
      '0015-clock-sets 89f3fa9da7ff633036e105ac75a538ec8fe7fbc9f0fd6fe9662ab8f0a2cd0412',
      '0016-alerts-by-age 06ea5ba0907f03a27e426d2cdca4b94ca4c7d494d71a6388a51a6e2bcfdfbc52',
      '0017-bridges 6131595b24db0984fcced9d5009775dda673fbf8364680d7f9ce09fc393e5931',
      '0018-rule-pauses 005c30cb153b3f7c1dc16ecbbd52cf675057f6ede1c72fb9365f54b4562abb87',
    ])
  })

  it('allows in SQL the states that the model has, and no others', () => {
    const db = new SQLite(':memory:')
    migrate(db, 'a file')
    const statesOf = (table: string): string[] => {
      const sql = db
        .prepare<[string], string>('SELECT sql FROM sqlite_schema WHERE name = ?')
        .pluck()
        .get(table)!
      const [, list = ''] = /CHECK \(state IN \(([^)]*)\)\)/.exec(sql) ?? []
      return list.split(',').map((name) => name.trim().slice(1, -1))
    }
    expect(statesOf('runs')).toEqual([...RUN_STATES])
    expect(statesOf('steps')).toEqual([...STEP_STATES])
    expect(statesOf('alerts')).toEqual([...ALERT_STATES])
    expect(statesOf('rule_pauses')).toEqual([...RULE_PAUSE_STATES])
  })

  it('has a log whose order on the disk SQLite keeps, and finds it so after writes', () => {
    const db = openForWriting(temporaryFolder())
    db.exec('UPDATE journal SET cursor = 0')
    expect(db.pragma('synchronous', { simple: true })).toBe(1)
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(db.pragma('auto_vacuum', { simple: true })).toBe(2)
    db.close()
  })

  it('applies a migration whole or not at all', () => {
    const db = new SQLite(':memory:')
    const broken = [...MIGRATIONS, { name: 'broken', sql: 'CREATE TABLE half (a); CREATE TABLE half (a)' }]
    expect(() => migrate(db, 'a file', broken)).toThrow('already exists')
    expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length)
    expect(schemaOf(db)).not.toContain('half')
    migrate(db, 'a file', [...MIGRATIONS, { name: 'mended', sql: 'CREATE TABLE half (a)' }])
    expect(schemaOf(db)).toContain('half')
  })

  it('refuses a database that a newer program wrote', () => {
    const { dataDir, writer } = openBench()
    writer.close()
    openRaw(dataDir).pragma(`user_version = ${MIGRATIONS.length + 1}`)
    const sentence =
      /journal\.db was written by a newer vigie \(schema \d+, this program knows \d+\); run that version/
    expect(() => openForWriting(dataDir)).toThrow(sentence)
    expect(() => openForReading(dataDir)).toThrow(sentence)
  })

  it('does not read what an older program wrote before the hub has brought it up to date', () => {
    const { dataDir, writer } = openBench()
    writer.close()
    openRaw(dataDir).pragma('user_version = 0')
    expect(() => openForReading(dataDir)).toThrow('start the hub once to bring it up to date')
  })

  it('refuses a database of something else', () => {
    const dataDir = temporaryFolder()
    new SQLite(databasePath(dataDir)).exec('CREATE TABLE bookmarks (url)').close()
    expect(() => openForWriting(dataDir)).toThrow('is an SQLite database, but not a journal of vigie')
  })

  it('says what to do about a file that is no database', () => {
    const dataDir = temporaryFolder()
    writeFileSync(
      databasePath(dataDir),
      'certainly not a database, but long enough to be looked at'.repeat(100),
    )
    expect(() => openForWriting(dataDir)).toThrow(
      /journal\.db is damaged \(.*\); nothing was changed\. Restore a backup/,
    )
  })

  it('says that nothing has been recorded in a folder without a journal', () => {
    const dataDir = temporaryFolder()
    expect(() => openForReading(dataDir)).toThrow(`There is no journal in ${dataDir} yet`)
  })
})
