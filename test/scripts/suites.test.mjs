import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseTestArguments } from '../../scripts/commands/test.mjs'
import { budgetOf, hasControlPlane, missingAssets, runSuite } from '../../scripts/lib/suite-run.mjs'
import { selectSuites, suites, wholeMinutes } from '../../scripts/suites.mjs'
import vitestConfig from '../../vitest.config.ts'

const names = (selected) => selected.map(({ name }) => name)

describe('the table of suites', () => {
  it('has a suite for every project of vitest, and the other way round', () => {
    const projects = vitestConfig.test.projects.map((project) => project.test.name)
    expect([...projects].sort()).toEqual(names(suites.filter(({ kind }) => kind === 'vitest')).sort())
  })

  it('gives no suite more than half as much again as its share of the whole, and what is built from nothing fits in too', () => {
    const warm = suites.reduce((sum, suite) => sum + suite.warm, 0)
    const largest = Math.max(...suites.map((suite) => (suite.cold ?? suite.warm) - suite.warm))
    expect(wholeMinutes).toEqual({ warm: 20, cold: 40 })
    expect(warm / 1.5).toBeLessThanOrEqual(wholeMinutes.warm * 60)
    expect(warm / 1.5 + largest).toBeLessThanOrEqual(wholeMinutes.cold * 60)
  })

  it('names nothing that a suite could need and nobody looks for', () => {
    const known = ['control-plane', 'flux', 'corpus', 'electron']
    expect(suites.flatMap(({ needs }) => needs ?? []).filter((each) => !known.includes(each))).toEqual([])
  })

  it('selects by name in its own order and names what there is', () => {
    expect(names(selectSuites(['unit', 'types']))).toEqual(['types', 'unit'])
    expect(selectSuites([])).toBe(suites)
    expect(() => selectSuites(['units'])).toThrow(/no suite units; there are: types, lint/)
  })
})

describe('parseTestArguments', () => {
  it('tells suites from files', () => {
    expect(parseTestArguments(['unit', 'test/engine/status', '--seed', '7'])).toEqual({
      names: ['unit'],
      filters: ['test/engine/status'],
      seed: '7',
    })
    expect(parseTestArguments(['--seed=9'])).toMatchObject({ seed: '9' })
  })

  it.each([[['--watch']], [['--seed', 'x']], [['--seed=-1']]])('refuses %j', (args) => {
    expect(() => parseTestArguments(args)).toThrow(/--watch|--seed/)
  })
})

describe('runSuite', () => {
  it('fails a suite that takes more than its seconds', async () => {
    const suite = {
      name: 'slow',
      kind: 'command',
      commands: [['tsc', '--watch', '--noEmit', '--skipLibCheck', '-p', '.']],
    }
    const result = await runSuite(suite, { budget: 1 })
    expect(result).toMatchObject({ isOver: true, counts: { passed: 0, failed: 1 } })
    expect(result.seconds).toBeLessThan(6)
  })

  it('counts a command as one test', async () => {
    const version = { name: 'quick', kind: 'command', commands: [['tsc', '--version']] }
    expect((await runSuite(version, { budget: 20 })).counts).toEqual({ passed: 1, failed: 0, skipped: 0 })
    const wrong = {
      name: 'wrong',
      kind: 'command',
      commands: [
        ['tsc', '--no-such-option'],
        ['tsc', '--version'],
      ],
    }
    expect((await runSuite(wrong, { budget: 20 })).counts).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })
})

describe('what lies beside the checkout', () => {
  it('is missed by name, and a folder that holds no Flux is an error, not a reason to skip', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-assets-'))
    const checkout = join(folder, 'checkout')
    const flux = join(folder, 'flux')
    mkdirSync(checkout)
    mkdirSync(flux)
    expect(missingAssets({}, checkout)).toEqual(['flux', 'corpus'])
    expect(() => missingAssets({ FLUX_ASSETS: flux }, checkout)).toThrow(`FLUX_ASSETS names ${flux}`)
    expect(() => missingAssets({ FLUX_ASSETS: join(folder, 'nowhere') }, checkout)).toThrow('no folder crds')
    mkdirSync(join(flux, 'crds'))
    expect(missingAssets({ FLUX_ASSETS: flux }, checkout)).toEqual(['corpus'])
    mkdirSync(join(folder, 'shared', 'corpus', 'fleets'), { recursive: true })
    expect(missingAssets({ FLUX_ASSETS: flux }, checkout)).toEqual([])
    rmSync(folder, { recursive: true })
  })
})

describe('a cold control plane', () => {
  it('is one of whose programs any is missing in the cache', () => {
    const cache = mkdtempSync(join(tmpdir(), 'sluice-suites-'))
    const env = { SLUICE_CACHE_DIR: cache }
    expect(hasControlPlane(env)).toBe(false)
    mkdirSync(join(cache, 'control-plane', 'v1', 'bin'), { recursive: true })
    for (const program of ['kube-apiserver', 'etcd', 'kube-controller-manager', 'kube-scheduler']) {
      writeFileSync(join(cache, 'control-plane', 'v1', 'bin', program), '')
    }
    expect(hasControlPlane(env)).toBe(false)
    writeFileSync(join(cache, 'control-plane', 'v1', 'bin', 'kwok'), '')
    expect(hasControlPlane(env)).toBe(true)
    rmSync(cache, { recursive: true })
  })

  it('gives only the suites that build it more time', () => {
    expect(budgetOf({ warm: 5, cold: 50 }, true)).toBe(50)
    expect(budgetOf({ warm: 5, cold: 50 }, false)).toBe(5)
    expect(budgetOf({ warm: 5 }, true)).toBe(5)
  })
})
