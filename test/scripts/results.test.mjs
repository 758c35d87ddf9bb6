import { describe, expect, it } from 'vitest'
import { add, countReport, failures, nothing, summaryLine } from '../../scripts/lib/results.mjs'

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

describe('failures', () => {
  it('names the file, the test and what it said, and a file that failed outside its tests', () => {
    const files = [
      {
        name: '/checkout/test/a.test.ts',
        status: 'failed',
        assertionResults: [
          { status: 'passed', fullName: 'a right' },
          {
            status: 'failed',
            fullName: 'a wrong',
            failureMessages: ['\u001b[31mAssertionError: 1 is not 2\u001b[39m\n\n    at /checkout/test/a.test.ts:3:4'],
          },
        ],
      },
      { name: '/checkout/test/b.test.ts', status: 'failed', message: 'No such module', assertionResults: [] },
      { name: '/checkout/test/c.test.ts', status: 'passed', assertionResults: [{ status: 'passed', fullName: 'c' }] },
    ]
    expect(failures(report(2, 1, 0, files), '/checkout')).toEqual([
      'test/a.test.ts > a wrong\n    AssertionError: 1 is not 2',
      'test/b.test.ts\n    No such module',
    ])
    expect(failures(undefined, '/checkout')).toEqual([])
  })
})

it('adds and prints counts', () => {
  expect(summaryLine(nothing)).toBe('0 passed, 0 failed')
  expect(summaryLine(add({ passed: 1, failed: 2, skipped: 0 }, { passed: 3, failed: 0, skipped: 0 }))).toBe(
    '4 passed, 2 failed',
  )
  expect(summaryLine({ passed: 4, failed: 0, skipped: 5 })).toBe('4 passed, 0 failed, 5 skipped')
})
