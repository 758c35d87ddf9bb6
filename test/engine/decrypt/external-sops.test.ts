import { describe, expect, test } from 'vitest'
import { createDecryptor } from '../../../electron/engine/decrypt/create-decryptor.ts'
import { noIdentities } from '../../../electron/engine/decrypt/keys/identities.ts'
import type { ExternalSops } from '../../../electron/engine/decrypt/recover-keys.ts'
import { recoverDataKeys } from '../../../electron/engine/decrypt/recover-keys.ts'
import { emitNode } from '../../../electron/engine/kustomize/yaml/emit-v2.ts'
import { encodeJson } from '../../../electron/engine/kustomize/yaml/go-json.ts'
import type { MapNode } from '../../../electron/engine/kustomize/yaml/node.ts'
import { parseDocuments } from '../../../electron/engine/kustomize/yaml/parse.ts'
import { nodeToGoValue } from '../../../electron/engine/kustomize/yaml/to-value.ts'
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
const plainJson = new TextEncoder().encode(encodeJson(nodeToGoValue(parseDocuments(plain)[0]!)))

interface Asked {
  readonly document: Record<string, unknown>
  readonly ignoresMac: boolean
}

function answering(...answers: Awaited<ReturnType<ExternalSops['decryptJson']>>[]) {
  const asked: Asked[] = []
  const externalSops: ExternalSops = {
    decryptJson: async (bytes, { ignoresMac }) => {
      asked.push({ document: JSON.parse(decoder.decode(bytes)) as Record<string, unknown>, ignoresMac })
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
  test("comes out by the user's own sops, which sees ciphertext and metadata as JSON", async () => {
    const { asked, externalSops } = answering({ ok: true, plain: plainJson })
    const { node, warnings, sensitivePaths } = await decryptWith(externalSops)
    // sops gives keys in the document's order; these are sorted, and still each value finds its place
    expect(asked).toHaveLength(1)
    expect(asked[0]!.ignoresMac).toBe(false)
    expect(asked[0]!.document).toMatchObject({ kind: 'Secret', sops: { kms: [{ enc: 'AAAA' }] } })
    expect(emitNode(node)).toBe(emitNode(parseDocuments(plain)[0]!))
    expect(warnings).toEqual([])
    expect(sensitivePaths).toHaveLength(5)
  })

  test('a MAC that does not fit is asked again without it and becomes a warning', async () => {
    const { asked, externalSops } = answering(
      { ok: false, message: 'MAC mismatch', isMacMismatch: true },
      { ok: true, plain: plainJson },
    )
    const { warnings } = await decryptWith(externalSops)
    expect(asked.map(({ ignoresMac }) => ignoresMac)).toEqual([false, true])
    expect(warnings).toEqual([expect.stringContaining('MAC mismatch')])
  })

  test('what sops says is in the error', async () => {
    const { externalSops } = answering({ ok: false, message: 'no credentials', isMacMismatch: false })
    await expect(decryptWith(externalSops)).rejects.toThrow(/arn:aws:kms:eu-west-1:1:key\/x: FAILED[^]*no credentials/)
  })

  test('an answer that is no JSON is an error of this document only', async () => {
    const { externalSops } = answering({ ok: true, plain: new TextEncoder().encode('oops') })
    await expect(decryptWith(externalSops)).rejects.toThrow(/cannot get sops data key/)
  })
})
