import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { SopsFormat } from '../../../electron/engine/decrypt/decryptor.ts'
import { loadDotenv } from '../../../electron/engine/decrypt/stores/dotenv-store.ts'
import { loadIni } from '../../../electron/engine/decrypt/stores/ini-store.ts'
import { loadJson } from '../../../electron/engine/decrypt/stores/json-store.ts'
import { StoreFault } from '../../../electron/engine/decrypt/stores/store-fault.ts'
import { emitPlain } from '../../../electron/engine/decrypt/stores/stores.ts'
import { loadYamlWithComments } from '../../../electron/engine/decrypt/stores/yaml-comments.ts'
import type { SopsBranch } from '../../../electron/engine/decrypt/tree/sops-tree.ts'

interface Case {
  readonly in: string
  readonly out?: string
  readonly fails?: boolean
}

/** Generated documents, each with what the stores of sops 3.13.2 wrote of it. */
const table = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/sops/stores.json'), 'utf8')) as Record<
  string,
  readonly Case[]
>

const loaders: Readonly<Record<string, (bytes: Uint8Array) => SopsBranch[]>> = {
  yaml: loadYamlWithComments,
  json: (bytes) => [loadJson(bytes)],
  ini: (bytes) => [loadIni(bytes)],
  dotenv: (bytes) => [loadDotenv(bytes)],
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

function rewrite(text: string, from: string, to: SopsFormat): string | StoreFault {
  try {
    return decoder.decode(emitPlain(loaders[from]!(new TextEncoder().encode(text)), to))
  } catch (error) {
    if (error instanceof StoreFault) return error
    throw error
  }
}

describe.each(Object.keys(table))('%s', (name) => {
  const [from = '', to = ''] = name.split(' to ')
  test('every document is written as sops writes it, or refused as sops refuses it', () => {
    for (const row of table[name]!) {
      const result = rewrite(row.in, from, to as SopsFormat)
      if (row.fails === true) expect(result, row.in).toBeInstanceOf(StoreFault)
      else expect(result, row.in).toBe(row.out)
    }
  })
})

describe('cost', () => {
  test('a file of comments only takes time in proportion', () => {
    const text = `a: 1\n${'  # one\n# two\n\n'.repeat(20_000)}b: 2\n`
    const [branch] = loadYamlWithComments(new TextEncoder().encode(text))
    expect(branch!.items.length).toBe(40_002)
  })

  test('deep nesting is refused or read, never a crash', () => {
    for (const [text, from] of [
      [`{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'json'],
      [`a: ${'['.repeat(9_000)}${']'.repeat(9_000)}`, 'yaml'],
    ] as const) {
      let error: unknown = null
      try {
        rewrite(text, from, from)
      } catch (fault) {
        error = fault
      }
      expect(error === null || error instanceof RangeError).toBe(true)
    }
  })
})
