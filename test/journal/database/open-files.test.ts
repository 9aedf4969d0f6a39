import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { OpenFiles } from '../../../src/journal/database/open-files.ts'
import { temporaryFolder } from '../fixtures.ts'

it('names the first path that no longer leads to its file, and none once the files are back', () => {
  const folder = temporaryFolder()
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  for (const path of [one, two]) writeFileSync(path, '')
  const files = new OpenFiles([one, two])
  expect(files.displaced).toBeNull()
  renameSync(two, `${two}.away`)
  expect(files.displaced).toBe(two)
  writeFileSync(two, 'another')
  renameSync(one, `${one}.away`)
  expect(files.displaced).toBe(one)
  for (const path of [one, two]) renameSync(`${path}.away`, path)
  expect(files.displaced).toBeNull()
  // As long as a file is open, no other gets its number.
  const held = openSync(one, 'r')
  onTestFinished(() => closeSync(held))
  rmSync(one)
  mkdirSync(one)
  expect(files.displaced).toBe(one)
})
