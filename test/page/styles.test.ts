// The style sheets of the page. Those of a view are loaded with it and stay, so they must change no other view.

import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../support/hub.ts'

/** Selectors of each style sheet, one for each part of a list. */
const sheets = globSync('src/page/**/*.css', { cwd: ROOT }).map((file) => {
  const text = readFileSync(`${ROOT}/${file}`, 'utf8').replaceAll(/\/\*.*?\*\//gs, '')
  const preludes = Array.from(text.matchAll(/([^{};]+)\{/g), ([, prelude = '']) => prelude.trim())
  const selectors = preludes
    .filter((prelude) => !/^(?:@|from$|to$)/.test(prelude))
    .flatMap((list) => list.split(/,(?![^(]*\))/).map((selector) => selector.trim()))
  return { file: basename(file), isOfView: file.includes('/views/'), selectors }
})
const classesOf = (selector: string): string[] =>
  Array.from(selector.matchAll(/\.[a-z][\w-]*/g), ([name]) => name)

it.each(sheets.filter(({ isOfView }) => isOfView))(
  '$file begins every selector with a class that no other style sheet has',
  ({ file, selectors }) => {
    const others = new Set(
      sheets.filter((sheet) => sheet.file !== file).flatMap((sheet) => sheet.selectors.flatMap(classesOf)),
    )
    expect(selectors.length).toBeGreaterThan(0)
    expect(selectors.filter((selector) => !/^\.[a-z]/.test(selector))).toEqual([])
    expect(selectors.filter((selector) => others.has(classesOf(selector)[0]!))).toEqual([])
  },
)
