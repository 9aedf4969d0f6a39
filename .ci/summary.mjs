// Prints the closing line of some test runs from vitest's JSON reports, oldest first, and fails where something failed,
// a report is missing or nothing ran. A file that was run again counts as it was the last time; a test of a long run
// counts beside its short one only where the title tells them apart. On CI a skipped test is a failure.
import { existsSync, readFileSync } from 'node:fs'

const files = new Map()
let isComplete = true
for (const report of process.argv.slice(2)) {
  if (!existsSync(report)) {
    isComplete = report.endsWith('full.json') && isComplete
    continue
  }
  const { success, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  isComplete &&= success
  for (const { name, status, assertionResults } of testResults) {
    const tests = files.get(name) ?? new Map()
    files.set(name, tests)
    for (const [title] of tests) if (isAgain(title, assertionResults)) tests.delete(title)
    for (const { fullName, status: state } of assertionResults) tests.set(fullName, state)
    if (status === 'failed' && assertionResults.length === 0) tests.set('', 'failed')
  }
}

/** The note about what a skipped test needs is gone from its title when it runs. */
function isAgain(title, results) {
  const [plain, needs] = title.split(' – needs ')
  return needs !== undefined && results.some(({ fullName }) => fullName.startsWith(plain))
}

const counts = { passed: 0, failed: 0, skipped: 0 }
for (const tests of files.values())
  for (const state of tests.values())
    counts[state === 'passed' || state === 'failed' ? state : 'skipped'] += 1
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
if (!isComplete || counts.passed === 0 || counts.failed > 0 || (process.env.CI && counts.skipped > 0))
  process.exitCode = 1
