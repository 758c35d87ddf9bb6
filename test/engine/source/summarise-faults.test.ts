import { expect, test } from 'vitest'
import { markSilent, summarise } from '../../../electron/engine/source/summarise-faults.ts'
import { SluiceError } from '../../../shared/model/errors.ts'

test('the fault that somebody can mend comes first, the others behind it', () => {
  const summary = summarise(
    [
      new SluiceError('ArtifactMissing', 'The artifact is gone', { retry: 'transient' }),
      new SluiceError('HostNotAllowed', 'git.example.com is not allowed', { remedy: 'Allow it.' }),
    ],
    'none',
  )
  expect(summary).toMatchObject({
    code: 'HostNotAllowed',
    message: 'git.example.com is not allowed',
    remedy: 'Allow it.',
    detail: 'The artifact is gone',
    retry: 'transient',
  })
})

test('what two ways have in common is said once', () => {
  const unreached = 'Context "lab": port 9090 of Pod source-controller cannot be reached'
  const detail = 'no forward found for port 9090'
  const summary = summarise(
    [
      new SluiceError('ConnectionLost', unreached, { detail }),
      markSilent(new SluiceError('ConnectionLost', `source-controller does not answer: ${unreached}`, { detail })),
      new SluiceError('HostNotAllowed', 'git.example.com is not allowed'),
    ],
    'none',
  )
  expect(summary.message).toBe(`source-controller does not answer: ${unreached}`)
  expect(summary.detail).toBe(`${detail}\ngit.example.com is not allowed`)
})

test('nothing tried is told in the words of who asked', () => {
  expect(summarise([], 'No way to the artifact')).toMatchObject({
    code: 'ArtifactUnavailable',
    message: 'No way to the artifact',
    retry: 'transient',
  })
})
