import Database from 'better-sqlite3'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { DATABASE_FILE } from '../../../src/journal/database/open.ts'
import { openBench } from '../../journal/fixtures.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

it('says in a sentence, without a stack, why the journal cannot be read', async () => {
  const folder = temporaryFolder()
  const data = join(folder, 'data')
  mkdirSync(data)
  openBench({ dataDir: data }).writer.close()
  const db = new Database(join(data, DATABASE_FILE))
  db.pragma('user_version = 1')
  db.close()
  const { status, error } = await runCommand(['history'], { cwd: folder })
  expect(error).toMatch(/^vigie: .*written by an older vigie.*start the hub once to bring it up to date\.\n$/)
  expect(status).toBe(1)
})
