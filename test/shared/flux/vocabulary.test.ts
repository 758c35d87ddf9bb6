import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { durationMs, formatDuration, parseDuration } from '../../../shared/flux/durations.ts'
import { findFluxKind, fluxKind, fluxKinds, hasGate } from '../../../shared/flux/kinds.ts'
import {
  chartVersionHash,
  isSameRevision,
  parseRevision,
  revisionSha,
  sha1Of,
  shortenRevision,
} from '../../../shared/flux/revision.ts'
import { kindOfWord, shortKind } from '../../../shared/flux/short-kinds.ts'
import { scaleCount, seed } from '../../soak.ts'

describe('the table of kinds', () => {
  it('has each kind once, with versions and fields that make sense', () => {
    expect(new Set(fluxKinds.map((kind) => `${kind.group}/${kind.kind}`)).size).toBe(fluxKinds.length)
    for (const kind of fluxKinds) {
      expect(kind.versions.length, kind.kind).toBeGreaterThan(0)
      expect(kind.singular).toBe(kind.kind.toLowerCase())
      expect(new Set(kind.fields.map((field) => field.path)).size, kind.kind).toBe(kind.fields.length)
      for (const field of kind.fields) expect(field.path, kind.kind).toMatch(/^(spec|status)\.[A-Za-z.[\]]+$/)
      if (kind.gate.type === 'spec')
        expect(
          kind.fields.some((field) => field.path === 'spec.suspend'),
          kind.kind,
        ).toBe(true)
    }
  })
  it('is found by kind, plural and short name in any case', () => {
    for (const [word, kind] of [
      ['ks', 'Kustomization'],
      ['HR', 'HelmRelease'],
      ['gitrepositories', 'GitRepository'],
      ['Kustomization.kustomize.toolkit.fluxcd.io', 'Kustomization'],
      ['kustomizations.kustomize', 'Kustomization'],
    ] as const)
      expect(findFluxKind(word)?.kind).toBe(kind)
    expect(findFluxKind('pods')).toBeNull()
    expect(findFluxKind('ks.example.com')).toBeNull()
  })
  it('knows which kinds have no gate', () => {
    expect(fluxKinds.filter((kind) => !hasGate(kind)).map((kind) => kind.kind)).toEqual([
      'ExternalArtifact',
      'FluxReport',
      'MetricTemplate',
      'AlertProvider',
    ])
    expect(hasGate(null)).toBe(false)
    expect(fluxKind('kustomize.config.k8s.io', 'Kustomization')).toBeNull()
  })
  it('gives kubectl short names', () => {
    expect([
      shortKind('apps', 'Deployment'),
      shortKind('', 'Pod'),
      shortKind('helm.toolkit.fluxcd.io', 'HelmRelease'),
    ]).toEqual(['deploy', 'po', 'hr'])
    expect([shortKind('x.io', 'Widget', ['wd']), shortKind('x.io', 'Widget')]).toEqual(['wd', 'widget'])
  })

  it('knows the kind that a word stands for', () => {
    expect(['deploy', 'STS', 'hr', 'kustomizations', 'Widget'].map(kindOfWord)).toEqual([
      'Deployment',
      'StatefulSet',
      'HelmRelease',
      'Kustomization',
      'Widget',
    ])
  })
})

describe('durations', () => {
  it.each([
    ['1h2m3.5s', 3_723_500],
    ['10m', 600_000],
    ['0', 0],
    ['0s', 0],
    ['250ms', 250],
    ['1.5h', 5_400_000],
    ['-1m', -60_000],
    ['.5s', 500],
    ['1µs', 0.001],
  ])('%s is %d ms', (text, ms) => {
    expect(durationMs(text)).toBeCloseTo(ms, 9)
  })
  it.each([
    '',
    'soon',
    '10',
    '5 m',
    '1d',
    '1h-2m',
    '1..5s',
    's',
    null,
    undefined,
    5,
    '9'.repeat(100) + 'h',
    '9999999999h',
  ])('%s is refused with a sentence', (text) => {
    expect(parseDuration(text).ms).toBeNull()
    expect(parseDuration(text).error).toMatch(/\w/)
  })
  it.each([
    [3_723_500, '1h2m3.5s'],
    [600_000, '10m0s'],
    [0, '0s'],
    [1, '1ms'],
    [-90_000, '-1m30s'],
    [0.5, '500µs'],
  ])('%d ms prints as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
  it('reads back what it prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
        expect(durationMs(formatDuration(ms))).toBeCloseTo(ms, 3)
      }),
      { numRuns: scaleCount(10_000), seed: seed() },
    )
  })
})

describe('revisions', () => {
  const sha = '5a3f1c2d5a3f1c2d5a3f1c2d5a3f1c2d5a3f1c2d'
  it.each([
    [`main@sha1:${sha}`, 'main', 'sha1', 'main@sha1:5a3f1c2'],
    [`refs/heads/x/y@sha1:${sha}`, 'refs/heads/x/y', 'sha1', 'x/y@sha1:5a3f1c2'],
    [`sha1:${sha}`, '', 'sha1', 'sha1:5a3f1c2'],
    [`feature/a/${sha}`, 'feature/a', 'sha1', 'feature/a@sha1:5a3f1c2'],
    [sha, '', 'sha1', 'sha1:5a3f1c2'],
    [`6.2.0@sha256:${sha}${sha.slice(0, 24)}`, '6.2.0', 'sha256', '6.2.0@sha256:5a3f1c2'],
    ['6.5.4+3f2a9c1b2d3e', '6.5.4+3f2a9c1b2d3e', '', '6.5.4+3f2a9c1b2d3e'],
    ['a@b@c', 'a@b@c', '', 'a@b@c'],
    ['', '', '', ''],
  ])('%s', (text, ref, algorithm, short) => {
    expect(parseRevision(text)).toMatchObject({ ref, algorithm })
    expect(shortenRevision(text)).toBe(short)
  })
  it.each([
    ['6.5.4+3f2a9c1b2d3e', '3f2a9c1b2d3e'],
    ['6.5.4-rc.1+3f2a9c1b2d3e.7', '3f2a9c1b2d3e'],
    ['6.5.4+build.5', ''],
    ['6.5.4+20260916', ''],
    ['6.5.4', ''],
    [`main@sha1:${sha}`, ''],
  ])('the commit in the version of a chart: %s', (version, hash) => {
    expect(chartVersionHash(version)).toBe(hash)
  })
  it('compares old and new forms', () => {
    expect(isSameRevision(`main/${sha}`, `main@sha1:${sha}`)).toBe(true)
    expect(isSameRevision(`main/${sha}`, `dev@sha1:${sha}`)).toBe(false)
    expect(isSameRevision('1.0', '1.0')).toBe(true)
    expect(revisionSha(`main@sha1:${sha}`)).toBe('5a3f1c2')
    expect(sha1Of(`main@sha1:${sha}`)).toBe(sha)
    expect(sha1Of(`latest@sha256:${'ab'.repeat(32)}`)).toBe('')
    expect(sha1Of('6.5.4')).toBe('')
  })
})
