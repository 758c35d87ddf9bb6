/**
 * Counting: what vitest's JSON report says, what a suite adds up to, and the line that closes a run.
 */

import { stripVTControlCharacters } from 'node:util'

/** No tests at all. */
export const nothing = { passed: 0, failed: 0, skipped: 0 }

/** The sum of two counts. */
export function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

/**
 * Counts of a vitest JSON report. A file that fails outside its tests (an import, a hook) counts as one failed test; so does
 * a run that vitest calls failed for another reason (an unhandled rejection), and a missing report.
 */
export function countReport(report, exitCode) {
  if (report === undefined) return { ...nothing, failed: 1 }
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  }
  for (const file of report.testResults) {
    const hasFailedTest = file.assertionResults.some((test) => test.status === 'failed')
    if (file.status === 'failed' && !hasFailedTest) counts.failed += 1
  }
  if (counts.failed === 0 && exitCode !== 0) counts.failed = 1
  if (counts.passed + counts.failed + counts.skipped === 0) counts.failed = 1
  return counts
}

/** A message's first lines say what failed; the rest is the place, which the run has printed. */
const messageLines = 4

/**
 * What failed in a vitest JSON report, a text each: file under `checkout`, the test's whole name, and the first lines of its message. Files that
 * failed outside their tests are told by their own message.
 */
export function failures(report, checkout) {
  if (report === undefined) return []
  return report.testResults.flatMap((file) => {
    const name = file.name.startsWith(`${checkout}/`) ? file.name.slice(checkout.length + 1) : file.name
    const failed = file.assertionResults.filter((test) => test.status === 'failed')
    if (failed.length === 0) return file.status === 'failed' ? [told(name, file.message ?? '')] : []
    return failed.map((test) => told(`${name} > ${test.fullName}`, test.failureMessages?.[0] ?? ''))
  })
}

function told(place, message) {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at '))
  return [place, ...lines.slice(0, messageLines).map((line) => `    ${line}`)].join('\n')
}

/** `3 passed, 0 failed`, and `, 2 skipped` where any were. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
