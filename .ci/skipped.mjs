// Prints the test files, one a line, in which something was skipped, from vitest's JSON report.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const isSkipped = ({ status }) => status === 'pending' || status === 'skipped' || status === 'todo'
for (const { name, assertionResults } of JSON.parse(readFileSync(process.argv[2], 'utf8')).testResults)
  if (assertionResults.some(isSkipped)) console.log(relative('.', name))
