// From the rules folder to a rule set, with everything that is wrong told in sentences.

import { compile } from '../../rules/compile.ts'
import type { RuleSet } from '../../rules/rule-set.ts'
import { describeFailure } from './load-failure.ts'
import { loadModules } from './load.ts'
import { displayName, readRuleFolder } from './rule-folder.ts'
import type { RuleFolder } from './rule-folder.ts'
import type { LoadReport } from '../protocol.ts'
import type { UserCode } from '../contain/user-code.ts'

export interface LoadedRules {
  readonly rules: RuleSet
  readonly report: LoadReport
}

/** @param spoiltFiles files, as people write them, whose loading ended an engine */
export async function loadRules(
  rulesDir: string,
  root: string,
  userCode: UserCode,
  spoiltFiles: readonly string[],
): Promise<LoadedRules> {
  const { folder, failures: unreadable } = openFolder(rulesDir)
  const nameOf = (file: string): string => displayName(folder.dir, file)
  userCode.nameFiles(folder.files.map(nameOf))
  const spoilt = folder.files.map(nameOf).filter((file) => spoiltFiles.includes(file))
  const files = folder.files.filter((file) => !spoilt.includes(nameOf(file)))
  const entering = (file: string): void => userCode.enterFile(file)
  const { modules, failures } = await loadModules({ ...folder, files }, entering)
  const rules = compile(modules, { root, entering })
  userCode.leave()
  const names = rules.rules.map(({ name }) => name)
  userCode.nameRules(names)
  return {
    rules,
    report: {
      version: folder.version,
      rules: names,
      filters: rules.interest,
      failures: [
        ...unreadable,
        ...spoilt.map(
          (file) => `${file}: loading it took the engine down; it is left out until rules are saved again.`,
        ),
        ...failures.map(describeFailure),
        ...rules.problems.map(({ message }) => message),
      ],
      warnings: rules.warnings.map(({ message }) => message),
    },
  }
}

function openFolder(rulesDir: string): { readonly folder: RuleFolder; readonly failures: readonly string[] } {
  try {
    return { folder: readRuleFolder(rulesDir), failures: [] }
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException
    return {
      folder: { dir: rulesDir, files: [], version: '' },
      failures: [
        code === 'ENOENT'
          ? `There is no rules folder ${rulesDir}. Create it (a hub that runs loads its rules at once), or name another one with --rules.`
          : code === 'ENOTDIR'
            ? `${rulesDir} is a file; name the folder that it is in.`
            : `The rules folder ${rulesDir} cannot be read (${code}): let this user read it, or name another one with --rules.`,
      ],
    }
  }
}
