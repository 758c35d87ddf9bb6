/**
 * Stands in for the `electron` package in tests, where no Electron runs: a test of electron/main gives the parts that it
 * needs by `vi.mock('electron', ...)`; whoever reaches this module otherwise finds nothing.
 */
export {}
