import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { watchFiles } from '../../src/base/watch-files.ts'
import { temporaryFolder } from '../support/hub.ts'

it('tells of a file that is written, replaced, removed, or reached by a link that turns', async () => {
  const folder = temporaryFolder()
  const [file, link, other] = ['file', 'link', 'other'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(other, 'other')
  symlinkSync(other, link)
  let changes = 0
  let told = Promise.withResolvers<void>()
  const stop = watchFiles([file, link], () => {
    changes++
    told.resolve()
  })
  onTestFinished(stop)
  const afterwards = async (change: () => void): Promise<void> => {
    told = Promise.withResolvers()
    change()
    await told.promise
  }
  await afterwards(() => writeFileSync(file, 'a'))
  await afterwards(() => writeFileSync(file, 'b'))
  await afterwards(() => {
    writeFileSync(`${file}.new`, 'c')
    renameSync(`${file}.new`, file)
  })
  await afterwards(() => rmSync(file))
  await afterwards(() => {
    writeFileSync(join(folder, 'target'), 'other')
    symlinkSync(join(folder, 'target'), `${link}.new`)
    renameSync(`${link}.new`, link)
  })
  expect(changes).toBe(5)
})
