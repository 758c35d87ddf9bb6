import { describe, expect, it } from 'vitest'
import { readManifest } from '../../../electron/engine/helm/read-manifest.ts'
import { BuildError } from '../../../electron/engine/kustomize/build-error.ts'

describe('a manifest', () => {
  it('is read a document at a time', () => {
    let documents = 0
    const text = '---\n# Source: a\nkind: A\n--- # next\n---\nkind: B\ntext: |\n  ---\n---\n# nothing\n'
    expect(readManifest(text, () => (documents += 1))).toEqual([{ kind: 'A' }, { kind: 'B', text: '---\n' }, null])
    expect(documents).toBe(3)
  })

  it('has its anchors and merge keys resolved', () => {
    expect(readManifest('base: &b {x: 1, z: 2}\nd:\n  <<: *b\n  z: 3\n', () => undefined)).toEqual([
      { base: { x: 1, z: 2 }, d: { x: 1, z: 3 } },
    ])
  })

  it('is refused where a separator says more', () => {
    expect(() => readManifest('--- kind: A\n', () => undefined)).toThrow(BuildError)
  })
})
