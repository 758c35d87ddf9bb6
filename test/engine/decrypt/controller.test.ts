import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createDecryptor } from '../../../electron/engine/decrypt/create-decryptor.ts'
import { recoverDataKeys } from '../../../electron/engine/decrypt/recover-keys.ts'
import { BuildError } from '../../../electron/engine/kustomize/build-error.ts'
import { emitNode } from '../../../electron/engine/kustomize/yaml/emit-v2.ts'
import type { MapNode } from '../../../electron/engine/kustomize/yaml/node.ts'
import { parseDocuments } from '../../../electron/engine/kustomize/yaml/parse.ts'
import { crypto, keysOf, readFixture } from './fixtures.ts'

const folder = join(import.meta.dirname, '../../fixtures/sops/controller')

interface Answer {
  readonly yaml?: string
  readonly error?: string
}

const answers = JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as Record<string, Answer>
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

/** The fixtures that stand in `data` of these objects are scanned as files, as a repository would have them. */
const embedded = [
  'dotenv',
  'ini',
  'json-types',
  'binary',
  'yaml-helm-values',
  'yaml-comments',
  'yaml-secret',
  'yaml-odd',
]
  .concat(['yaml-types', 'yaml-list-comments', 'yaml-documents', 'rule-encrypted-comment', 'shamir-dotenv'])
  .concat(['rule-unencrypted-suffix'])

async function decryptAs(name: string): Promise<Answer> {
  const bytes = new Uint8Array(readFileSync(join(folder, name)))
  const files = [
    { path: name, bytes },
    ...embedded.map((path) => ({ path: fileName(path), bytes: readFixture(`${path}.enc`) })),
  ]
  const keyring = await recoverDataKeys(files, { identities: keysOf('first.agekey'), crypto })
  const node = parseDocuments(new TextDecoder().decode(bytes))[0] as MapNode
  try {
    return { yaml: emitNode(createDecryptor({ keyring, crypto }).decryptResource(node).node) }
  } catch (error) {
    expect(error).toBeInstanceOf(BuildError)
    return { error: (error as BuildError).message }
  }
}

function fileName(fixture: string): string {
  return fixture.startsWith('yaml-') || fixture.startsWith('rule-') ? `${fixture}.yaml` : fixture
}

/** Where the controller's text tells of gpg's or another library's, only its beginning is ours. */
const ownPart = new Map([
  ['data-shamir.yaml', /^[^]*Group 1: FAILED\n {2}age1\w+: FAILED/],
  ['not-armored.yaml', /^[^]*Group 0: FAILED\n {2}age1\w+: FAILED/],
])

describe('an object comes out as the real controller decrypts it', () => {
  test.each(names)('%s', async (name) => {
    const expected = answers[name.replace('.yaml', '')]!
    const actual = await decryptAs(name)
    const own = ownPart.get(name)
    if (own === undefined) expect(actual).toEqual(expected)
    else expect(actual.error).toContain(own.exec(expected.error!)![0])
  })

  test('every answer has its case', () => {
    expect(Object.keys(answers).sort()).toEqual(names.map((name) => name.replace('.yaml', '')).sort())
  })
})
