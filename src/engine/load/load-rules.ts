// Loads the rules folder as a rule set, and says in sentences what is wrong with it.

import { createHash } from 'node:crypto'
import { messageOf } from '../../base/printable.ts'
import type { Coordinates } from '../../calendar/sun.ts'
import { compile, isOwnRule } from '../../rules/compile.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import { alertCommandFilter } from '../../topics/alert-topic.ts'
import { ruleCommandFilter } from '../../topics/rule-topic.ts'
import { describeFailure } from './load-failure.ts'
import { loadModules } from './load.ts'
import { dependenciesOf } from './resolve.ts'
import { contentsOf, displayName, isIgnored, readRuleFolder } from './rule-folder.ts'
import type { RuleFolder } from './rule-folder.ts'
import type { LoadReport } from '../protocol.ts'
import type { Attachment } from '../../model/attachment.ts'
import { unpinnedSentences } from '../../rules/compile/unpinned.ts'
import type { UserCode } from '../contain/user-code.ts'

export interface LoadedRules {
  readonly rules: RuleSet
  readonly report: LoadReport
}

export interface RulesPlace {
  readonly rulesDir: string
  /** First level of the hub's own topics: `vigie`. */
  readonly root: string
  /** The position of the hub, for the sun. */
  readonly place?: Coordinates | undefined
  /** The shared subscription of another broker at which the hub works. */
  readonly attachment?: Attachment | null
  /** The data folder. If it lies inside of the rules folder, it is no part of the rules. */
  readonly dataDir?: string
}

export async function loadRules(
  { rulesDir, root, place, attachment, dataDir }: RulesPlace,
  userCode: UserCode,
): Promise<LoadedRules> {
  const { folder, unreadable } = openFolder(rulesDir, dataDir)
  const nameOf = (file: string): string => displayName(folder.dir, file)
  userCode.nameUnits('file', folder.files.map(nameOf))
  const spoilt = folder.files.map(nameOf).filter((file) => userCode.isLeftAlone('file', file))
  const files = folder.files.filter((file) => !spoilt.includes(nameOf(file)))
  const entering = (file: string): void => userCode.enterFile(file)
  const { modules, failures } = await loadModules({ ...folder, files }, entering)
  const outside = dependenciesOf(folder.version).filter((path) => !isInside(folder.dir, path))
  const rules = compile(modules, { root, place, entering })
  userCode.leave()
  const names = rules.rules.map(({ name }) => name)
  userCode.nameUnits('rule', names)
  userCode.nameUnits(
    'ping',
    rules.pings.map(({ name }) => name),
  )
  return {
    rules,
    report: {
      version: versionWith(folder.version, outside),
      rules: names.filter((name) => !isOwnRule(name)),
      pings: rules.pings.map(({ name }) => name),
      watches: rules.watches.map(({ name }) => name),
      hosts: rules.hosts,
      tasks: rules.tasks,
      commands: rules.commands,
      filters: [...rules.interest, alertCommandFilter(root), ruleCommandFilter(root)],
      unreadable,
      failures: [
        ...(unreadable === null ? [] : [unreadable]),
        ...folder.failures,
        ...spoilt.map(
          (file) => `${file}: loading it took the engine down; it is left out until rules are saved again.`,
        ),
        ...failures.map(describeFailure),
        ...rules.problems.map(({ message }) => message),
      ],
      beyond: { looked: [...folder.links, ...outside], folders: folder.linkedFolders },
      warnings: [
        ...folder.warnings,
        ...rules.warnings.map(({ message }) => message),
        ...(attachment ? unpinnedSentences(rules, attachment) : []),
      ],
    },
  }
}

function openFolder(
  rulesDir: string,
  dataDir: string | undefined,
): { readonly folder: RuleFolder; readonly unreadable: string | null } {
  try {
    return { folder: readRuleFolder(rulesDir, { dataDir }), unreadable: null }
  } catch (error) {
    return { folder: nothingIn(rulesDir), unreadable: unreadableSentence(rulesDir, error) }
  }
}

const nothingIn = (dir: string): RuleFolder => ({
  dir,
  files: [],
  version: '',
  links: [],
  linkedFolders: [],
  failures: [],
  warnings: [],
})

/** Whether a path lies in the folder, so that the folder's version covers its bytes. */
const isInside = (dir: string, path: string): boolean =>
  path.startsWith(`${dir}/`) && !isIgnored(path.slice(dir.length + 1))

/** A version that also changes with any byte of a file outside the folder that rules import. */
function versionWith(version: string, outside: readonly string[]): string {
  if (outside.length === 0) return version
  const hash = createHash('sha256').update(version)
  for (const path of outside) hash.update(`${path}\0`).update(contentsIfAny(path)).update('\0')
  return hash.digest('hex').slice(0, 16)
}

function contentsIfAny(path: string): Buffer | string {
  try {
    return contentsOf(path)
  } catch {
    return 'none'
  }
}

function unreadableSentence(rulesDir: string, error: unknown): string {
  const { code = messageOf(error) } = error as NodeJS.ErrnoException
  if (code === 'ENOENT')
    return `There is no rules folder ${rulesDir}. Create it (it may be empty), or name another one with --rules.`
  if (code === 'ENOTDIR') return `${rulesDir} is a file; name the folder that it is in.`
  const advice = 'let this user read it, or name another one with --rules.'
  return `The rules folder ${rulesDir} cannot be read (${code}): ${advice}`
}
