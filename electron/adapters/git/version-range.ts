/**
 * Version ranges as source-controller reads them. Source: Masterminds/semver v3 as used by fluxcd/pkg version: three numeric parts (leading `v`
 * ok), comparators joined by comma or space, alternatives by `||`; a pre-release satisfies a comparator only if that names one.
 */
import { Range, SemVer } from 'semver'
import { SluiceError } from '../../../shared/model/errors.ts'

interface Comparator {
  readonly isNot: boolean
  readonly range: Range
  readonly namesPrerelease: boolean
}

/** The tags of the highest version in range: several where they differ in build metadata only; none where no tag fits. */
export function highestVersions(range: string, tags: readonly string[], what: string): readonly string[] {
  const alternatives = parseRange(range, what)
  let best: SemVer | null = null
  let found: string[] = []
  for (const tag of tags) {
    const version = parseVersion(tag)
    if (version === null || !alternatives.some((all) => all.every((one) => satisfies(version, one)))) continue
    const order = best === null ? 1 : version.compare(best)
    if (order > 0) {
      best = version
      found = [tag]
    } else if (order === 0) found.push(tag)
  }
  return found
}

function parseVersion(tag: string): SemVer | null {
  if (!/^v?\d+\.\d+\.\d+/.test(tag)) return null
  try {
    return new SemVer(tag.replace(/^v/, ''))
  } catch {
    return null
  }
}

function parseRange(range: string, what: string): readonly (readonly Comparator[])[] {
  return range.split('||').map((alternative) => {
    // `1.2 - 2.3` is one comparator; the rest are taken apart at commas and spaces.
    const whole = alternative.trim().replace(/([<>=!~^]+)\s+/g, '$1')
    const parts = / - /.test(whole) ? [whole] : whole.split(/[\s,]+/).filter((part) => part !== '')
    return (parts.length === 0 ? ['*'] : parts).map((part) => parseComparator(part, range, what))
  })
}

function parseComparator(part: string, range: string, what: string): Comparator {
  const isNot = part.startsWith('!=')
  const text = (isNot ? part.slice(2) : part).replace(/^=>/, '>=').replace(/^=</, '<=').replace(/^~>/, '~')
  try {
    return {
      isNot,
      range: new Range(text.replace(/([\s<>=~^]|^)v(?=\d)/g, '$1'), { includePrerelease: true }),
      namesPrerelease: /\d-[0-9A-Za-z]/.test(text),
    }
  } catch {
    throw new SluiceError('SourceNotFound', `${what}: ${range} is not a version range`, {
      remedy: 'Check spec.ref.semver of the source.',
    })
  }
}

function satisfies(version: SemVer, { isNot, range, namesPrerelease }: Comparator): boolean {
  if (version.prerelease.length > 0 && !namesPrerelease) return false
  return range.test(version) !== isNot
}
