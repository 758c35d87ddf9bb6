import { describe, expect, it } from 'vitest'
import { createDocumentCache } from '../../../electron/engine/kustomize/document-cache.ts'
import { configMap, failure } from './build-tree.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('createDocumentCache', () => {
  it('gives the same trees for the same text, whatever the path', () => {
    const cache = createDocumentCache()
    expect(cache.documents('/b', bytes(configMap('a')))).toBe(cache.documents('/a', bytes(configMap('a'))))
  })

  it('lets the least recently used go', () => {
    const texts = ['a', 'b', 'c'].map((name) => configMap(name))
    const cache = createDocumentCache({ maxKeptCharacters: texts[0]!.length * 2 })
    const [a, b] = texts.map((text) => cache.documents('/x', bytes(text)))
    // c pushed a out; reading b keeps it when a comes back.
    expect(cache.documents('/x', bytes(texts[1]!))).toBe(b)
    expect(cache.documents('/x', bytes(texts[0]!))).not.toBe(a)
    expect(cache.documents('/x', bytes(texts[1]!))).toBe(b)
  })

  it('does not keep a text that is too long', () => {
    const cache = createDocumentCache({ maxKeptCharacters: 10 })
    expect(cache.documents('/x', bytes(configMap('a')))).not.toBe(cache.documents('/x', bytes(configMap('a'))))
  })

  it('names the file that cannot be read, and the line in it', () => {
    const cache = createDocumentCache()
    const broken = `${configMap('a')}---\na: b\n c: d\n`
    expect(failure(() => cache.documents('/x.yaml', bytes(broken))).place).toEqual({ file: '/x.yaml', line: 7 })
    const nameless = `${configMap('a')}---\nkind: A\n`
    expect(failure(() => cache.documents('/x.yaml', bytes(nameless))).place).toMatchObject({ file: '/x.yaml', line: 6 })
    expect(failure(() => cache.documents('/x.yaml', new Uint8Array([0xff, 0xff]))).place.file).toBe('/x.yaml')
  })
})
