import { describe, expect, it } from 'vitest'
import { add, countReport, nothing, summaryLine } from '../../scripts/lib/results.mjs'

const report = (passed, failed, pending, files = []) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: pending,
  numTodoTests: 0,
  testResults: files,
})

describe('countReport', () => {
  it('takes the counts of a report', () => {
    expect(countReport(report(3, 1, 2, [{ status: 'failed', assertionResults: [{ status: 'failed' }] }]), 1)).toEqual({
      passed: 3,
      failed: 1,
      skipped: 2,
    })
  })

  it('counts a file that fails outside its tests', () => {
    expect(countReport(report(3, 0, 0, [{ status: 'failed', assertionResults: [] }]), 1)).toEqual({
      passed: 3,
      failed: 1,
      skipped: 0,
    })
  })

  it('counts a failure that no test shows', () => {
    expect(countReport(report(3, 0, 0), 1)).toEqual({ passed: 3, failed: 1, skipped: 0 })
  })

  it('calls a suite without tests, or without a report, failed', () => {
    expect(countReport(report(0, 0, 0), 0).failed).toBe(1)
    expect(countReport(undefined, 0).failed).toBe(1)
  })
})

it('adds and prints counts', () => {
  expect(summaryLine(nothing)).toBe('0 passed, 0 failed')
  expect(summaryLine(add({ passed: 1, failed: 2, skipped: 0 }, { passed: 3, failed: 0, skipped: 0 }))).toBe(
    '4 passed, 2 failed',
  )
  expect(summaryLine({ passed: 4, failed: 0, skipped: 5 })).toBe('4 passed, 0 failed, 5 skipped')
})
