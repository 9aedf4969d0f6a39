// Covers `src/page/vite.config.ts`.

import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { expect, it, onTestFinished } from 'vitest'
import { ROOT } from '../support/hub.ts'

/** In bytes, gzipped, all files together. */
const LARGEST = 120 * 1024

it('makes a page that is small, named by its content, and takes nothing from outside', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-build-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  await build({ configFile: `${ROOT}/src/page/vite.config.ts`, build: { outDir: folder } })
  const files = globSync('**/*.*', { cwd: folder })
  const texts = files.map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const)

  expect(texts.reduce((sum, [, text]) => sum + gzipSync(text).length, 0)).toBeLessThan(LARGEST)
  expect(
    files.filter(
      (file) => !/^(?:index\.html|push-worker\.js|assets\/[\w.-]+-[\w-]{8}\.(?:js|css|svg))$/.test(file),
    ),
  ).toEqual([])
  // What the names of XML and links for people look like is no address that is loaded.
  const outside = texts.flatMap(([file, text]) =>
    Array.from(
      text.matchAll(/(?:src|href|url\(|import\(?)\s*=?\s*["'(]?(?:https?:)?\/\/[^"')]+/g),
      ([found]) => [file, found],
    ),
  )
  expect(outside).toEqual([])
  // A classic script, as service workers are in every browser, imports nothing.
  expect(texts.find(([file]) => file === 'push-worker.js')?.[1]).not.toMatch(/\bimport\b|\bexport\b/)
  expect(texts.find(([file]) => file === 'index.html')?.[1]).not.toMatch(
    /<script(?![^>]*\bsrc=)|<style|\sstyle=/,
  )
})
