// The pages of the documentation that are made of code, by their names.

import { configSchema } from '../../src/config/config.ts'
import { cookbook } from './cookbook.ts'
import { configurationReference, ruleReference } from './reference.ts'

/** @param root the repository */
export const generated = (root: string): Readonly<Record<string, string>> => ({
  'docs/cookbook.md': cookbook(root),
  'docs/reference/rules.md': ruleReference(root),
  'docs/reference/configuration.md': configurationReference(root, configSchema),
})
