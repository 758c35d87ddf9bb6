import { describe, expect, test } from 'vitest'
import { createDecryptor } from '../../../electron/engine/decrypt/create-decryptor.ts'
import { noIdentities } from '../../../electron/engine/decrypt/keys/identities.ts'
import type { ExternalSops } from '../../../electron/engine/decrypt/recover-keys.ts'
import { recoverDataKeys } from '../../../electron/engine/decrypt/recover-keys.ts'
import { emitNode } from '../../../electron/engine/kustomize/yaml/emit-v2.ts'
import type { MapNode } from '../../../electron/engine/kustomize/yaml/node.ts'
import { parseDocuments } from '../../../electron/engine/kustomize/yaml/parse.ts'
import { crypto, readFixture } from './fixtures.ts'

const decoder = new TextDecoder()
const plain = decoder.decode(readFixture('rule-encrypted-regex.dec'))
const kmsEntry = `    kms:
        - arn: arn:aws:kms:eu-west-1:1:key/x
          created_at: "2026-01-02T03:04:05Z"
          enc: AAAA
`
const document = decoder.decode(readFixture('rule-encrypted-regex.enc')).replace(/^ {4}age:\n(?: {8}.*\n)+/m, kmsEntry)
const file = { path: 'secret.yaml', bytes: new TextEncoder().encode(document) }

interface Asked {
  readonly document: string
  readonly format: string
  readonly ignoresMac: boolean
}

function answering(...answers: Awaited<ReturnType<ExternalSops['decrypt']>>[]) {
  const asked: Asked[] = []
  const externalSops: ExternalSops = {
    decrypt: async (bytes, format, { ignoresMac }) => {
      asked.push({ document: decoder.decode(bytes), format, ignoresMac })
      return answers.shift()!
    },
  }
  return { asked, externalSops }
}

async function decryptWith(externalSops: ExternalSops) {
  const keyring = await recoverDataKeys([file], { identities: noIdentities, crypto, externalSops })
  return createDecryptor({ keyring, crypto }).decryptResource(parseDocuments(document)[0] as MapNode)
}

describe('a document whose key only a service can unwrap', () => {
  test("comes out by the user's own sops, which sees the file as it is", async () => {
    const { asked, externalSops } = answering({ ok: true, plain: new TextEncoder().encode(plain) })
    const { node, warnings, sensitivePaths } = await decryptWith(externalSops)
    expect(asked).toEqual([{ document, format: 'yaml', ignoresMac: false }])
    expect(emitNode(node)).toBe(emitNode(parseDocuments(plain)[0]!))
    expect(warnings).toEqual([])
    expect(sensitivePaths).toHaveLength(5)
  })

  test('a MAC that does not fit is asked again without it and becomes a warning', async () => {
    const { asked, externalSops } = answering(
      { ok: false, message: 'MAC mismatch', isMacMismatch: true },
      { ok: true, plain: new TextEncoder().encode(plain) },
    )
    const { warnings } = await decryptWith(externalSops)
    expect(asked.map(({ ignoresMac }) => ignoresMac)).toEqual([false, true])
    expect(warnings).toEqual([expect.stringContaining('MAC mismatch')])
  })

  test.each([
    ['yaml-types', 'yaml'],
    ['yaml-comments', 'yaml'],
    ['yaml-documents', 'yaml'],
    ['json-types', 'json'],
    ['dotenv', 'dotenv'],
    ['ini', 'ini'],
    ['binary', 'binary'],
  ] as const)('%s comes out as a file, byte for byte', async (name, format) => {
    const bytes = readFixture(`${name}.enc`)
    const expected = readFixture(`${name}.dec`)
    const { externalSops } = answering({ ok: true, plain: expected })
    const path = `a.${format}`
    const keyring = await recoverDataKeys([{ path, bytes }], { identities: noIdentities, crypto, externalSops })
    const result = createDecryptor({ keyring, crypto }).decryptFile(path, bytes, format)
    expect(Buffer.from(result.bytes).equals(Buffer.from(expected))).toBe(true)
    expect(result.warnings).toEqual([])
  })

  test('what sops says is in the error', async () => {
    const { externalSops } = answering({ ok: false, message: 'no credentials', isMacMismatch: false })
    await expect(decryptWith(externalSops)).rejects.toThrow(/arn:aws:kms:eu-west-1:1:key\/x: FAILED[^]*no credentials/)
  })

  test('an answer that is no YAML is an error of this document only', async () => {
    const { externalSops } = answering({ ok: true, plain: new TextEncoder().encode('- oops: [') })
    await expect(decryptWith(externalSops)).rejects.toThrow(/cannot get sops data key/)
  })
})
