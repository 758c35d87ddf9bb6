/** What the controllers make of objects of built-in kinds, by their own code: github.com/fluxcd/pkg/ssa v0.76.1. */
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { createAuthority } from '../../electron/adapters/control-plane/certificates.ts'
import { withoutInvalidCaBundle } from '../../electron/engine/apply/normalise/ca-bundle.ts'
import type { KubeObject } from '../../electron/engine/clusters/view.ts'
import {
  NormaliseError,
  normaliseDryRun,
  normaliseObject,
} from '../../electron/engine/apply/normalise/normalise-object.ts'
import { unmakeableKinds } from '../../electron/engine/apply/normalise/type-table.ts'
import { readObjects } from '../../electron/engine/apply/prepare-objects.ts'
import { readManifest } from '../../electron/engine/helm/read-manifest.ts'
import { BuildError } from '../../electron/engine/kustomize/build-error.ts'
import { seed } from '../soak.ts'
import type { GeneratedObject } from './normalise/generate-object.ts'
import { generateObject } from './normalise/generate-object.ts'
import { manifests } from './normalise/manifests.ts'
import { askNormalisation, canonicalText, exactJson, resolveOracle, writeTable } from './normalise/oracle.ts'

let program: string | null = null

beforeAll(async () => {
  program = await resolveOracle()
}, 600_000)

const noGo = 'the oracle is neither in the cache nor can it be built: Go is not installed'

function ours({ as, object }: GeneratedObject): string {
  const before = canonicalText(object)
  const given = object as unknown as KubeObject
  try {
    const made = as === 'dryRun' ? normaliseDryRun(given) : normaliseObject(given, as)
    if (canonicalText(object) !== before) return 'the input was changed'
    return canonicalText(made)
  } catch (error) {
    if (error instanceof NormaliseError) return 'refused'
    throw error
  }
}

describe('normalisation', () => {
  it(
    'of generated objects of every built-in kind is that of the controllers',
    { timeout: 600_000 },
    async ({ skip }) => {
      if (program === null) return skip(noGo)
      // All of them each time: they take some seconds. `npm test -- --seed N` looks elsewhere.
      const count = 10_000
      const first = (seed() - 1) * count
      const cases = Array.from({ length: count }, (_, index) => generateObject(first + index))
      const questions = cases.map(({ as, object }) => ({ as, json: exactJson(object) }))
      const answers = await askNormalisation(program, questions)
      const differences: string[] = []
      let converted = 0
      for (const [index, one] of cases.entries()) {
        const { object, error } = answers[index]!
        const theirs = error === undefined ? canonicalText(object) : 'refused'
        const mine = ours(one)
        if (theirs !== canonicalText(one.object)) converted += 1
        if (mine !== theirs)
          differences.push(
            `case ${first + index} (${one.as}), ${error ?? ''}\n given ${questions[index]!.json}\n ours   ${mine}\n theirs ${theirs}`,
          )
      }
      console.log(
        `${count} objects from case ${first}, ${converted} changed by the controllers, ${differences.length} differences`,
      )
      expect(differences.slice(0, 5).join('\n\n')).toBe('')
      expect(differences).toHaveLength(0)
    },
  )

  it('starts from the same objects of a manifest', async ({ skip }) => {
    if (program === null) return skip(noGo)
    const answers = await askNormalisation(
      program,
      manifests.map((text) => ({ as: 'read', json: JSON.stringify(text) })),
    )
    const read = (text: string): string => {
      try {
        const { objects, error } = readObjects(readManifest(text, () => undefined))
        return error === null ? canonicalText(objects.map(({ object }) => object)) : 'refused'
      } catch (error) {
        if (error instanceof BuildError) return 'refused'
        throw error
      }
    }
    for (const [index, text] of manifests.entries()) {
      const { objects = [], error } = answers[index]!
      expect(read(text), `${text}\n${error ?? ''}`).toBe(error === undefined ? canonicalText(objects) : 'refused')
    }
  })

  it('leaves the same certificates out of definitions', async ({ skip }) => {
    if (program === null) return skip(noGo)
    const { certPem, keyPem } = createAuthority('sluice')
    const encode = (text: string): string => Buffer.from(text).toString('base64')
    const der = Buffer.from(certPem.replace(/-----[^\n]*\n/g, ''), 'base64')
    const pem = (bytes: Buffer): string =>
      `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`
    const bundles: readonly unknown[] = [
      '',
      'Cg==',
      '\r\n',
      'not base64',
      encode(certPem),
      encode(`# a comment\n${keyPem}${certPem}`),
      encode(keyPem),
      encode(certPem.replaceAll('\n', '\r\n')),
      encode(certPem.replace('\n', '\nHeader: x\n\n')),
      encode(certPem.replaceAll('CERTIFICATE', 'X509 CRL')),
      encode(pem(der.subarray(0, -3))),
      encode(`${pem(der.subarray(0, -3))}${certPem}`),
      encode(pem(Buffer.from('hello'))),
      encode(certPem).replace(/(.{64})/g, '$1\n'),
      encode(certPem).slice(0, -1),
      5,
      null,
    ]
    const objects = bundles.flatMap((caBundle) =>
      ['apiextensions.k8s.io/v1', 'apiextensions.k8s.io/v1beta1', 'example.com/v1'].map((apiVersion) => ({
        apiVersion,
        kind: 'CustomResourceDefinition',
        metadata: { name: 'x' },
        spec: { conversion: { strategy: 'Webhook', webhook: { clientConfig: { caBundle, url: 'x' } } } },
      })),
    )
    const questions = objects.map((object) => ({ as: 'caBundle' as const, json: exactJson(object) }))
    const answers = await askNormalisation(program, questions)
    for (const [index, object] of objects.entries())
      expect(canonicalText(withoutInvalidCaBundle(object)), questions[index]!.json).toBe(
        canonicalText(answers[index]!.object),
      )
  })

  it('fails over the same kinds', async ({ skip }) => {
    if (program === null) return skip(noGo)
    const kinds = unmakeableKinds()
    expect(kinds.length).toBeGreaterThan(200)
    const objects = kinds.map(({ apiVersion, kind }) => ({ apiVersion, kind, metadata: { name: 'x' } }))
    const answers = await askNormalisation(
      program,
      objects.map((object) => ({ as: 'kustomize', json: exactJson(object) })),
    )
    for (const [index, object] of objects.entries()) {
      expect(answers[index]!.panic, `${object.apiVersion} ${object.kind}`).toBe(true)
      expect(() => normaliseObject(object)).toThrow(NormaliseError)
    }
  })

  it('has the table that the program writes', async ({ skip }) => {
    if (program === null) return skip(noGo)
    const file = new URL('../../electron/engine/apply/normalise/type-table-data.ts', import.meta.url)
    expect(await readFile(file, 'utf8')).toBe(await writeTable(program))
  })
})
