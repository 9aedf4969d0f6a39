// Prints the closing line of a test run from vitest's JSON report, and fails where something failed or nothing ran.
// On CI a skipped test is a failure: the tools that tests need are installed there.
import { readFileSync } from 'node:fs'

const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const skipped = numPendingTests + numTodoTests
console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${skipped} skipped`)
if (numPassedTests === 0 || numFailedTests > 0 || (process.env.CI && skipped > 0)) process.exitCode = 1
