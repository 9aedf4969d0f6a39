// Resolves imports inside rule files. The hub's own package and zod are those of the running install, so a
// folder without node_modules works, and every thread has one copy. Relative imports may leave `.ts` out. All
// modules of one version of the folder carry it as `?v=`, so another version is other modules.

import { readFileSync, statSync } from 'node:fs'
import { findPackageJSON, isBuiltin, registerHooks } from 'node:module'
import type { LoadFnOutput, LoadHookContext, ResolveFnOutput, ResolveHookContext } from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { moduleAt } from '../../base/package.ts'
import { withoutTypes } from './stripped.ts'

/**
 * The packages of the running install that rule files import by name: one copy, whatever lies beside the rule
 * files.
 */
const OURS: Readonly<Record<string, string>> = {
  vigie: moduleAt('index').href,
  'vigie/channels': moduleAt('channels').href,
  'vigie/testing': moduleAt('testing').href,
}
const FORMATS: Readonly<Record<string, string>> = {
  '.ts': 'module-typescript',
  '.mts': 'module-typescript',
  '.js': 'module',
  '.mjs': 'module',
}
/** Tried in this order when an import has no such file. */
const ENDINGS = ['', '.ts', '.js', '/index.ts', '/index.js'] as const

const versions = new Set<string>()
const imported = new Set<string>()
/**
 * For each version, the paths of files that its modules import, and the paths at which imports that were not
 * found would be.
 */
const dependencies = new Map<string, Set<string>>()
let registered = false

/** Resolves imports of this version of the folder in this thread from now on. */
export function resolveRuleImports(version: string): void {
  versions.add(version)
  if (registered) return
  registered = true
  registerHooks({ resolve: resolveInRules, load: loadInRules })
}

/** The address under which a file of this version is imported. */
export const ruleModuleUrl = (url: URL, version: string): string => `${url.href}?v=${version}`

/**
 * The files that the modules of this version depend on, sorted: those they import by a path, those that they
 * would if they were there, and the package.json of each package that they import by name.
 */
export const dependenciesOf = (version: string): readonly string[] =>
  [...(dependencies.get(version) ?? [])].toSorted()

/** Whether a module of this version imported this file. */
export const isImported = (moduleUrl: string): boolean => imported.has(moduleUrl)

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput

function resolveInRules(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
  const entry = versionOf(specifier)
  if (entry !== undefined) return asRuleModule(specifier)
  const parent = context.parentURL
  const version = parent === undefined ? undefined : versionOf(parent)
  if (parent === undefined || version === undefined) return next(specifier, context)
  if (Object.hasOwn(OURS, specifier)) return { url: OURS[specifier] as string, shortCircuit: true }
  if (/^zod(?:\/|$)/.test(specifier)) return { url: import.meta.resolve(specifier), shortCircuit: true }
  const depends = (url: URL): void => dependOn(version, url)
  if (!/^(?:\.{0,2}\/|file:)/.test(specifier)) {
    const found = resolvePackage(specifier, parent, context, next)
    const description = isBuiltin(specifier) ? undefined : findPackageJSON(specifier, withoutVersion(parent))
    if (description !== undefined) depends(pathToFileURL(description))
    return found
  }
  const target = ruleModuleUrl(findFile(specifier, parent, depends), version)
  imported.add(target)
  return asRuleModule(target, context)
}

function dependOn(version: string, url: URL): void {
  const known = dependencies.get(version)
  if (known) known.add(fileURLToPath(url))
  else dependencies.set(version, new Set([fileURLToPath(url)]))
}

/** A package of the user's own, installed beside the rules, or one of Node's modules. */
function resolvePackage(
  specifier: string,
  parent: string,
  context: ResolveHookContext,
  next: NextResolve,
): ResolveFnOutput {
  try {
    return next(specifier, context)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new MissingImport(
      specifier,
      parent,
      'is not installed: run "npm install" with its name beside the rules',
    )
  }
}

function asRuleModule(url: string, context?: ResolveHookContext): ResolveFnOutput {
  const format = context?.importAttributes['type'] ?? FORMATS[extname(new URL(url).pathname)]
  return { url, format: format ?? null, importAttributes: context?.importAttributes, shortCircuit: true }
}

type NextLoad = (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput

function loadInRules(url: string, context: LoadHookContext, next: NextLoad): LoadFnOutput {
  if (context.format !== 'module-typescript' || versionOf(url) === undefined) return next(url, context)
  try {
    const source = withoutTypes(readFileSync(fileURLToPath(withoutVersion(url)), 'utf8'))
    return { format: 'module', source, shortCircuit: true }
  } catch {
    // Node says what is wrong with the file, and where.
    return next(url, context)
  }
}

function versionOf(url: string): string | undefined {
  const [, version] = /\?v=([0-9a-f]+)$/.exec(url) ?? []
  return version !== undefined && versions.has(version) ? version : undefined
}

/** @param depends is told what is found, or else all that was looked for */
function findFile(specifier: string, parent: string, depends: (url: URL) => void): URL {
  const urls = ENDINGS.map((ending) => new URL(specifier + ending, parent))
  const found = urls.find(isFile)
  for (const url of found ? [found] : urls) depends(url)
  if (found) return found
  throw new MissingImport(specifier, parent, 'does not exist')
}

function isFile(url: URL): boolean {
  try {
    return statSync(url).isFile()
  } catch {
    return false
  }
}

const withoutVersion = (url: string): string => url.replace(/\?v=.*$/, '')

/** An import of a file that does not exist, with the place of the import. */
class MissingImport extends Error {
  constructor(specifier: string, parent: string, why: string) {
    super(`it imports ${JSON.stringify(specifier)}, which ${why}.`)
    this.stack = `${parent}:${lineOf(specifier, fileURLToPath(withoutVersion(parent)))}`
  }
}

const lineOf = (specifier: string, file: string): number =>
  readFileSync(file, 'utf8')
    .split('\n')
    .findIndex((line) => /\b(?:import|from)\b/.test(line) && line.includes(specifier)) + 1
