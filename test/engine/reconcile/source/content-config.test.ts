import { describe, expect, it } from 'vitest'
import {
  areIncludesChanged,
  isContentConfigChanged,
  verificationMode,
} from '../../../../electron/engine/reconcile/source/content-config.ts'

const artifact = (revision: string, digest = 'sha256:1'): unknown => ({ revision, digest })
const include = [{ repository: { name: 'base' }, toPath: 'base' }]

describe('whether an artifact is to be made anew though the revision stays', () => {
  it.each([
    ['nothing set', {}, {}, [], false],
    ['ignore is new', { ignore: '*.md' }, {}, [], true],
    ['ignore became empty', { ignore: '' }, {}, [], true],
    ['ignore as observed', { ignore: '*.md' }, { observedIgnore: '*.md' }, [], false],
    ['submodules are new', { recurseSubmodules: true }, {}, [], true],
    ['submodules false is not set', { recurseSubmodules: false }, {}, [], false],
    ['sparse folders moved', { sparseCheckout: ['a'] }, { observedSparseCheckout: ['b'] }, [], true],
    ['an include is new', { include }, {}, [artifact('main@sha1:1')], true],
    [
      'includes as observed',
      { include },
      { observedInclude: include, includedArtifacts: [artifact('main@sha1:1')] },
      [artifact('main@sha1:1')],
      false,
    ],
    [
      'an include has other content',
      { include },
      { observedInclude: include, includedArtifacts: [artifact('main@sha1:1')] },
      [artifact('main@sha1:1', 'sha256:2')],
      true,
    ],
    ['verification is new', { verify: { mode: 'HEAD' } }, {}, [], true],
    ['verified as wished', { verify: { mode: 'head' } }, { sourceVerificationMode: 'HEAD' }, [], false],
    ['the tag was verified, HEAD is wished', { verify: { mode: 'HEAD' } }, { sourceVerificationMode: 'Tag' }, [], true],
    [
      'both were verified, one is wished',
      { verify: { mode: 'Tag' } },
      { sourceVerificationMode: 'TagAndHEAD' },
      [],
      false,
    ],
  ] as const)('%s', (_name, spec, status, included, isChanged) => {
    expect(isContentConfigChanged(spec, status, included)).toBe(isChanged)
  })

  it('sees included revisions that are not those in the artifact', () => {
    expect(areIncludesChanged([], {})).toBe(false)
    expect(areIncludesChanged([artifact('a@sha1:1')], {})).toBe(true)
    expect(areIncludesChanged([artifact('a@sha1:2')], { includedArtifacts: [artifact('a@sha1:1')] })).toBe(true)
  })

  it('reads the mode with its default', () => {
    expect(verificationMode({})).toBeNull()
    expect(verificationMode({ verify: { secretRef: { name: 'keys' } } })).toBe('HEAD')
    expect(verificationMode({ verify: { mode: 'TagAndHEAD' } })).toBe('TagAndHEAD')
  })
})
