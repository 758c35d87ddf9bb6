/** Revisions in the forms that controllers wrote in turn. */
import { expect, it } from 'vitest'
import { commitOf, normalRevision } from '../../../electron/engine/source/source-object.ts'

const sha = '5a3f1c2e9d04b7716fa15a3f1c2e9d04b7716fa1'
const long = 'ab'.repeat(32)

it.each([
  [`main/${sha}`, `main@sha1:${sha}`],
  [`feature/one/${sha}`, `feature/one@sha1:${sha}`],
  [sha, `sha1:${sha}`],
  [`main/${long}`, `main@sha256:${long}`],
  [`refs/heads/main@sha1:${sha}`, `refs/heads/main@sha1:${sha}`],
  [`sha1:${sha}`, `sha1:${sha}`],
  ['6.5.4+3f2a5c6d7e8f', '6.5.4+3f2a5c6d7e8f'],
  ['', ''],
])('%s is written %s today', (old, now) => {
  expect(normalRevision(old)).toBe(now)
  expect(normalRevision(now)).toBe(now)
})

it('finds the commit in each form, and none in a version', () => {
  expect(commitOf(`main/${sha}`)).toBe(sha)
  expect(commitOf(`main@sha1:${sha}`)).toBe(sha)
  expect(commitOf('6.5.4')).toBeNull()
})
