// Type-checks the configuration and the files of a rules folder with the TypeScript that is installed there or here, by a
// configuration of our own: a folder needs no tsconfig.json and no node_modules, and its imports mean what
// the loader makes of them.

import { execa } from 'execa'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readRuleFolder } from '../../engine/load/rule-folder.ts'
import type { RuleFolder } from '../../engine/load/rule-folder.ts'
import { moduleAt } from '../../base/package.ts'
import { readable } from './type-sentences.ts'

export type TypeCheck =
  | { readonly kind: 'checked'; readonly problems: readonly string[] }
  | { readonly kind: 'unavailable'; readonly reason: string }

/** @param config the configuration file, absolute; `undefined` where there is none */
export async function checkTypes(
  rulesDir: string,
  config: string | undefined,
  cwd: string,
): Promise<TypeCheck> {
  const tsc = findTypeScript([rulesDir, cwd])
  if (tsc === undefined)
    return {
      kind: 'unavailable',
      reason: 'TypeScript is not installed; "npm install --save-dev typescript" beside the rules does that',
    }
  const { dir, files: rules } = filesIn(rulesDir)
  const files = [...rules.map((file) => join(dir, file)), ...(config === undefined ? [] : [config])]
  if (files.length === 0) return { kind: 'checked', problems: [] }
  const folder = mkdtempSync(join(tmpdir(), 'vigie-types-'))
  try {
    const project = join(folder, 'tsconfig.json')
    writeFileSync(project, JSON.stringify(configFor(files)))
    // Files are named as seen from here: `rules/door.ts`.
    const { stdout, stderr, exitCode } = await execa(
      process.execPath,
      [tsc, '--project', project, '--pretty', 'false'],
      { cwd: dirname(dir), reject: false },
    )
    const ours = config === undefined ? [dir] : [dir, config]
    const problems = diagnosticsIn(stdout).filter((line) =>
      ours.some((path) => concerns(line, path, dirname(dir))),
    )
    if (exitCode === 0 || problems.length > 0 || stdout.includes('error TS'))
      return { kind: 'checked', problems }
    return { kind: 'unavailable', reason: `TypeScript failed: ${stderr || stdout}` }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A folder that cannot be read has nothing to check; that it cannot, loading says. */
function filesIn(rulesDir: string): Pick<RuleFolder, 'dir' | 'files'> {
  try {
    return readRuleFolder(rulesDir)
  } catch {
    return { dir: rulesDir, files: [] }
  }
}

const OURS = fileURLToPath(import.meta.url)

function findTypeScript(places: readonly string[]): string | undefined {
  const found = firstResolved('typescript/package.json', [...places.map((place) => join(place, '_')), OURS])
  return found && join(dirname(found), 'bin', 'tsc')
}

function firstResolved(specifier: string, from: readonly string[]): string | undefined {
  for (const place of from) {
    try {
      return realpathSync(createRequire(place).resolve(specifier))
    } catch {
      continue
    }
  }
  return undefined
}

function configFor(files: readonly string[]): object {
  const nodeTypes = firstResolved('@types/node/package.json', [...files.slice(0, 1), OURS])
  const typesOf = (name: string): string => fileURLToPath(moduleAt(name)).replace(/\.js$/, '.d.ts')
  const zod = firstResolved('zod/package.json', [OURS])
  return {
    compilerOptions: {
      target: 'es2024',
      module: 'preserve',
      moduleResolution: 'bundler',
      allowImportingTsExtensions: true,
      allowJs: false,
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: nodeTypes === undefined ? [] : ['node'],
      ...(nodeTypes !== undefined && { typeRoots: [dirname(dirname(nodeTypes))] }),
      paths: {
        vigie: [typesOf('index')],
        'vigie/channels': [typesOf('channels')],
        'vigie/testing': [typesOf('testing')],
        ...(zod !== undefined && { zod: [dirname(zod)] }),
      },
    },
    files,
  }
}

/**
 * `rules/door.ts(3,5): error TS2345: …` as `rules/door.ts:3:5: … (TS2345)`, with what belongs to it on the
 * lines below.
 */
function diagnosticsIn(output: string): string[] {
  const problems: string[] = []
  for (const line of output.trimEnd().split('\n')) {
    const [, file, row, column, code, message] = /^(.+)\((\d+),(\d+)\): error (TS\d+): (.*)$/.exec(line) ?? []
    if (file !== undefined) problems.push(`${file}:${row}:${column}: ${readable(message ?? '')} (${code})`)
    else if (/^\s/.test(line) && problems.length > 0) problems.push(`${problems.pop()!}\n${line}`)
  }
  return problems
}

/** The rest is not the author's: what is wrong with an installed package, they cannot mend. */
const concerns = (problem: string, path: string, from: string): boolean =>
  [`${relative(from, path)}/`, `${relative(from, path)}:`].some((start) => problem.startsWith(start))
