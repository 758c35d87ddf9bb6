/** A user's keys over many builds: when they are looked for, what is kept of them, and what messages say of what they opened. */
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeSopsCrypto } from '../../../electron/adapters/decrypt/node-crypto.ts'
import { createUserDecryption } from '../../../electron/engine/build/build-decryption.ts'
import type { KeySource, UserDecryption } from '../../../electron/engine/build/build-decryption.ts'
import type { FluxRenderResult } from '../../../electron/engine/build/render-result.ts'
import { createMemoryFiles } from '../../conformance/memory-files.ts'
import { encryptDocument } from '../decrypt/encrypt.ts'
import type { Plain } from '../decrypt/encrypt.ts'
import { configMap, render } from './render.ts'

let identity = ''
let stranger = ''
let recipient = ''
beforeAll(async () => {
  identity = await generateX25519Identity()
  stranger = await generateX25519Identity()
  recipient = await identityToRecipient(identity)
})

interface CountedSource extends KeySource {
  keys: readonly string[]
  loads: number
}

function sourceOf(...keys: readonly string[]): CountedSource {
  return {
    keys,
    loads: 0,
    stamp() {
      return this.keys.join()
    },
    load() {
      this.loads += 1
      const problems = this.keys.length === 0 ? ["'/home/keys.txt' line 1: malformed"] : []
      return Promise.resolve({ identities: { age: this.keys, pgp: [], services: [] }, problems, externalSops: null })
    },
  }
}

type FilesOf = Readonly<Record<string, string>>

function buildOnce(decryption: UserDecryption, files: FilesOf, spec: Readonly<Record<string, unknown>> = {}) {
  const tree = createMemoryFiles({
    files: Object.fromEntries(Object.entries(files).map(([path, text]) => [`/artifact/${path}`, text])),
    directories: ['/artifact'],
  })
  const keys = decryption.begin(tree)
  return keys.finish(
    render({
      files: {},
      spec: { decryption: { provider: 'sops' }, ...spec },
      input: { files: keys.files, decryptor: keys.decryptor },
    }),
  )
}

/** As the pool and the command line do it. */
async function build(
  decryption: UserDecryption,
  files: FilesOf,
  spec?: Readonly<Record<string, unknown>>,
): Promise<FluxRenderResult> {
  let built = buildOnce(decryption, files, spec)
  for (let round = 0; built.isWaiting && round < 3; round++) {
    if (!(await decryption.recover())) break
    built = buildOnce(decryption, files, spec)
  }
  return built.result
}

/** A Secret, of which SOPS encrypts what is secret and leaves the rest. */
async function secret(name: string, stringData: Plain): Promise<string> {
  const { sops, ...encrypted } = await encryptDocument({ stringData }, recipient)
  const regex = { ...(sops as object), encrypted_regex: '^stringData$', unencrypted_suffix: undefined }
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, ...encrypted, sops: regex })
}

describe('keys', () => {
  it('are looked for once something encrypted is met, and once only', async () => {
    const source = sourceOf(identity)
    const decryption = createUserDecryption(nodeSopsCrypto, source)
    expect((await build(decryption, { 'apps/a.yaml': configMap('a') })).assumptions).toEqual([])
    expect(source.loads).toBe(0)
    const files = { 'apps/a.yaml': await secret('a', { password: 'hunter22' }) }
    const first = buildOnce(decryption, files)
    expect(first.isWaiting).toBe(true)
    expect(first.result.assumptions[0]?.message).toContain(recipient)
    expect((await build(decryption, files)).text).toContain('password: hunter22\n')
    expect(buildOnce(decryption, files)).toMatchObject({ isWaiting: false, result: { assumptions: [] } })
    expect((await build(decryption, { 'apps/b.yaml': await secret('b', { c: 'other' }) })).text).toContain('c: other\n')
    expect(source.loads).toBe(1)
  })

  it('that fit nothing are tried once, and named', async () => {
    const decryption = createUserDecryption(nodeSopsCrypto, sourceOf(stranger))
    const files = { 'apps/a.yaml': await secret('a', { password: 'hunter22' }) }
    const { assumptions, digest } = await build(decryption, files)
    expect(digest).toBeNull()
    expect(assumptions[0]?.message).toContain(`${recipient}: FAILED`)
    expect(buildOnce(decryption, files).isWaiting).toBe(false)
  })

  it('that are not there leave everything encrypted, with what is wrong with their places', async () => {
    const source = sourceOf()
    const decryption = createUserDecryption(nodeSopsCrypto, source)
    const files = { 'apps/a.yaml': await secret('a', { password: 'hunter22' }) }
    const { assumptions, warnings, text } = await build(decryption, files)
    expect(text).toContain('ENC[AES256_GCM')
    expect(assumptions[0]?.message).toContain(recipient)
    expect(warnings).toEqual(["'/home/keys.txt' line 1: malformed"])
    expect([buildOnce(decryption, files).isWaiting, source.loads]).toEqual([false, 1])
  })

  it('that change are looked for again, and what they opened is forgotten', async () => {
    const source = sourceOf(identity)
    const decryption = createUserDecryption(nodeSopsCrypto, source)
    const files = { 'apps/a.yaml': await secret('a', { password: 'hunter22' }) }
    await build(decryption, files)
    const { state } = decryption
    decryption.refresh()
    expect(decryption.state).toBe(state)
    source.keys = [stranger]
    decryption.refresh()
    expect(decryption.state).not.toBe(state)
    expect((await build(decryption, files)).text).not.toContain('hunter22')
    decryption.use(sourceOf(identity))
    expect((await build(decryption, files)).text).toContain('hunter22')
    decryption.use(null)
    expect(decryption.state).toBe('')
    expect((await build(decryption, files)).text).not.toContain('hunter22')
  })

  it('are not asked for by a build that was stopped', async () => {
    const decryption = createUserDecryption(nodeSopsCrypto, sourceOf(identity))
    expect(buildOnce(decryption, { 'apps/a.yaml': await secret('a', { password: 'hunter22' }) }).isWaiting).toBe(true)
    const stop = (): never => {
      throw new Error('stopped')
    }
    await expect(decryption.recover(stop)).rejects.toThrow('stopped')
    expect(await decryption.recover()).toBe(false)
  })

  it('open what stands in the data of a Secret, in whatever order it is met', async () => {
    const settings = JSON.stringify(await encryptDocument({ token: 'hunter22' }, recipient), null, 1)
    const data = { 'settings.json': Buffer.from(settings).toString('base64') }
    const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data }
    const decryption = createUserDecryption(nodeSopsCrypto, sourceOf(identity))
    const { objects, assumptions } = await build(decryption, { 'apps/s.yaml': JSON.stringify(object) })
    expect(assumptions).toEqual([])
    expect(objects[0]?.sensitive).toEqual([['data', 'settings.json']])
    const [, value = ''] = /settings\.json: (\S+)/.exec(objects[0]?.yaml ?? '') ?? []
    expect(JSON.parse(Buffer.from(value, 'base64').toString())).toEqual({ token: 'hunter22' })
  })
})

describe('a plain Secret of a Kustomization that asks for decryption', () => {
  it.each([
    ['data: {}\n', ''],
    ['data: null\n', ''],
    ['data: {b: eA==, a: null}\n', 'data:\n  a: ""\n  b: eA==\n'],
  ])('has its data set anew, with a key or without: %j', async (data, expected) => {
    const files = { 'apps/s.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n${data}` }
    const printed = `apiVersion: v1\n${expected}kind: Secret\nmetadata:\n  name: s\n`
    const decryption = createUserDecryption(nodeSopsCrypto, sourceOf(identity))
    expect((await build(decryption, files)).text).toBe(printed)
    const encrypted = await secret('a', { password: 'hunter22' })
    await build(decryption, { 'apps/a.yaml': encrypted })
    expect((await build(decryption, files)).text).toBe(printed)
  })
})

describe('messages', () => {
  const patched = 'resources: [a.yaml]\npatches: [{path: patch.json}]\n'

  it('say nothing of a decrypted patch that fits nothing', async () => {
    const patch = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'hidden-from-all' },
      data: { key: 'hunter22' },
    }
    const { error, assumptions } = await build(createUserDecryption(nodeSopsCrypto, sourceOf(identity)), {
      'apps/kustomization.yaml': patched,
      'apps/a.yaml': configMap('a'),
      'apps/patch.json': JSON.stringify(await encryptDocument(patch, recipient), null, 1),
    })
    expect(assumptions).toEqual([])
    expect(error?.message).toContain('<decrypted>')
    expect(error?.message).not.toMatch(/hidden-from-all|hunter22/)
  })

  it.each([
    ['a substitution that cannot be read', { key: 'hunter22 ${broken' }],
    ['a variable without value', { key: 'hunter22 ${missing}' }],
  ])('say nothing of %s', async (_what, stringData) => {
    const { error, assumptions, warnings } = await build(
      createUserDecryption(nodeSopsCrypto, sourceOf(identity)),
      { 'apps/a.yaml': await secret('a', stringData) },
      { postBuild: { substitute: { x: 'y' } } },
    )
    expect(error).not.toBeNull()
    expect(JSON.stringify([error, assumptions, warnings])).not.toContain('hunter22')
  })

  it('that quote values in part or escaped say nothing of them', async () => {
    const decryption = createUserDecryption(nodeSopsCrypto, sourceOf(identity))
    const files = { 'apps/a.yaml': await secret('a', { key: 'a "quoted"\nsecond line of it', long: 'abcdefghijkl' }) }
    await build(decryption, files)
    const keys = decryption.begin(createMemoryFiles({ files: {}, directories: ['/artifact'] }))
    render({ files, spec: { decryption: { provider: 'sops' } }, input: { decryptor: keys.decryptor } })
    const redact = (text: string): string | undefined => keys.decryptor?.redact?.(text)
    expect(redact('cannot unmarshal !!str `abcdefg...` into int')).toBe('cannot unmarshal !!str `<decrypted>` into int')
    expect(redact('at second line of it here')).toBe('at <decrypted> here')
    expect(redact('"a \\"quoted\\"\\nsecond line of it"')).toBe('"<decrypted>"')
    expect(redact('nothing of it')).toBe('nothing of it')
  })
})
