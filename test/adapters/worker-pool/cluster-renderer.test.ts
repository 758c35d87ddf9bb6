import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execFileSync } from 'node:child_process'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClusterRenderer } from '../../../electron/adapters/worker-pool/cluster-renderer.ts'
import type { RenderPool } from '../../../electron/adapters/worker-pool/render-pool.ts'
import { createRenderPool } from '../../../electron/adapters/worker-pool/render-pool.ts'
import { createSameThreadRenders } from '../../../electron/adapters/worker-pool/same-thread.ts'
import type { ClusterRenderRequest, ClusterRenderer } from '../../../electron/engine/drift/cluster-renderer-port.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { encryptDocument } from '../../engine/decrypt/encrypt.ts'

const entry = path.join(import.meta.dirname, '../../..', 'electron/workers/render.ts')
const never = new AbortController().signal
let folder = ''
let pool: RenderPool
let sent = 0
let renderer: ClusterRenderer

const put = async (file: string, text: string): Promise<void> => {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
  await writeFile(path.join(folder, file), text)
}
const request = (spec: object = {}, more: Partial<ClusterRenderRequest> = {}): ClusterRenderRequest => ({
  tree: { kind: 'folder', path: folder, contentKey: 'one', files: 3, bytes: 1000 },
  kustomization: {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'apps', namespace: 'flux-system' },
    spec: { path: './apps', prune: true, interval: '10m', ...spec },
  },
  variables: {},
  decryptionKeys: null,
  usesOwnKeys: false,
  isStrict: true,
  ...more,
})

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sluice-cluster-')))
  await put('apps/kustomization.yaml', 'resources: [one.yaml, ../base]\nnamespace: shop\n')
  await put('apps/one.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  region: ${region}\n')
  await put(
    'base/two.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: two\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: three\n',
  )
  await put('base/kustomization.yaml', 'resources: [two.yaml]\n')
  pool = createRenderPool({ entry, logger: { log: () => undefined }, size: 1 })
  sent = 0
  renderer = createClusterRenderer({
    send: (one, signal) => {
      sent += 1
      return pool.renderForCluster(one, signal)
    },
  })
})
afterEach(async () => {
  pool.dispose()
  await rm(folder, { recursive: true, force: true })
})

describe('a Kustomization of a cluster in the render pool', () => {
  it('comes back as the bodies of its apply requests, with their places', async () => {
    const { objects, digest, error } = await renderer.render(request(), never)
    expect(error).toBeNull()
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(objects.map(({ object }) => object.metadata.name)).toEqual(['one', 'two', 'three'])
    expect(objects.map(({ origin }) => [origin?.file, origin?.line])).toEqual([
      ['apps/one.yaml', 1],
      ['base/two.yaml', 1],
      ['base/two.yaml', 6],
    ])
    expect(objects[0]?.object).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        namespace: 'shop',
        labels: {
          'kustomize.toolkit.fluxcd.io/name': 'apps',
          'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
        },
      },
      data: { region: '${region}' },
    })
  })

  it('is built once for equal requests, and again for other variables or another tree', async () => {
    const first = await renderer.render(request(), never)
    expect(await renderer.render(request(), never)).toBe(first)
    expect(sent).toBe(1)
    const substituteFrom = { postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 'vars' }] } }
    const vars = (region: string) => ({ variables: { 'ConfigMap/flux-system/vars': { region } } })
    const eu = await renderer.render(request(substituteFrom, vars('eu')), never)
    const us = await renderer.render(request(substituteFrom, vars('us')), never)
    expect([eu, us].map(({ objects }) => (objects[0]?.object['data'] as { region: string }).region)).toEqual([
      'eu',
      'us',
    ])
    expect(eu.digest).not.toBe(us.digest)
    await put('base/two.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: changed\n')
    const tree = { ...request().tree, contentKey: 'two' }
    expect(
      (await renderer.render(request({}, { tree }), never)).objects.map(({ object }) => object.metadata.name),
    ).toEqual(['one', 'changed'])
    expect(sent).toBe(4)
  })

  it('says which object is unknown where nobody can tell a variable', async () => {
    const spec = { postBuild: { substituteFrom: [{ kind: 'Secret', name: 'vars' }] } }
    const { objects, digest, assumptions } = await renderer.render(
      request(spec, { variables: { 'Secret/flux-system/vars': 'unknown' } }),
      never,
    )
    expect(digest).toBeNull()
    expect(assumptions.map(({ kind }) => kind)).toEqual(['unknownVariables'])
    expect(objects.map(({ unknown }) => unknown !== '')).toEqual([true, false, false])
    expect(objects[0]?.unknown).toContain('Secret/flux-system/vars')
  })

  it("fails in the controller's words", async () => {
    const { error, objects } = await renderer.render(request({ path: './gone' }), never)
    expect(error?.message).toContain('kustomization path not found')
    expect(objects).toEqual([])
    const missing = await renderer.render(
      request(
        { postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 'vars' }] } },
        { variables: { 'ConfigMap/flux-system/vars': null } },
      ),
      never,
    )
    expect(missing.error?.message).toContain(`substitute from 'ConfigMap/vars' error: configmaps "vars" not found`)
  })

  it('reads a stored tree in place', async () => {
    const archive = path.join(folder, 'tree.tar')
    execFileSync('tar', ['-cf', archive, '-C', folder, 'apps', 'base'])
    const tree = { kind: 'archive', path: archive, contentKey: 'tar', files: 4, bytes: 1000 } as const
    const [stored, folderOnes] = [
      await renderer.render(request({}, { tree }), never),
      await renderer.render(request(), never),
    ]
    expect(stored.objects).toEqual(folderOnes.objects)
    expect(stored.digest).toBe(folderOnes.digest)
    const climbing = await renderer.render(request({ path: '../../etc' }, { tree }), never)
    expect(climbing.error?.message).toContain('kustomization path not found')
  })

  it('flattens Lists, secret paths with them, and normalises', async () => {
    const item = (name: string) =>
      `- {apiVersion: v1, kind: Secret, metadata: {name: ${name}}, stringData: {key: text}}\n`
    await put('lists/list.yaml', `apiVersion: v1\nkind: SecretList\nitems:\n${item('a')}${item('b')}`)
    await put('lists/config.yaml', 'apiVersion: v1\nkind: List\nitems: []\n')
    const { objects, error } = await renderer.render(request({ path: './lists' }), never)
    expect(error).toBeNull()
    expect(objects.map(({ object }) => [object.metadata.name, object['data']])).toEqual([
      ['a', { key: 'dGV4dA==' }],
      ['b', { key: 'dGV4dA==' }],
    ])
  })

  it('SECURITY 11: shows a stored tree and nothing beside it', async () => {
    await put('apps/kustomization.yaml', 'resources: [../../../../../../../etc/hostname]\n')
    const archive = path.join(folder, 'tree.tar')
    execFileSync('tar', ['-cf', archive, '-C', folder, 'apps', 'base'])
    const tree = { kind: 'archive', path: archive, contentKey: 'climbing', files: 4, bytes: 1000 } as const
    for (const where of [tree, request().tree]) {
      const { error, objects } = await renderer.render(request({}, { tree: where }), never)
      expect(error?.message).toContain("is not in or below '/")
      expect(objects).toEqual([])
    }
  })

  it('SECURITY 9: keeps nothing that was decrypted', async () => {
    let count = 0
    const secrets = createClusterRenderer({
      send: () => {
        count += 1
        const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }
        const objects = JSON.stringify([{ object, origin: null, sensitive: [['data', 'key']], unknown: '' }])
        return Promise.resolve({ objects, digest: null, assumptions: [], warnings: [], error: null, durationMs: 1 })
      },
    })
    await secrets.render(request(), never)
    await secrets.render(request(), never)
    expect(count).toBe(2)
  })

  describe('asked for by several at once', () => {
    const done = {
      objects: '[]',
      digest: 'sha256:1',
      assumptions: [],
      warnings: [],
      error: null,
      durationMs: 1,
    } as const
    /** Builds end when the test says so. */
    function held() {
      const builds: { readonly end: () => void; readonly fail: () => void; readonly signal: AbortSignal }[] = []
      const of = createClusterRenderer({
        send: (_request, signal) =>
          new Promise((resolve, reject) => {
            const fail = (): void => reject(new Error('the worker died'))
            builds.push({ end: () => resolve(done), fail, signal })
            signal.addEventListener('abort', () => reject(new SluiceError('Canceled', 'Canceled')))
          }),
      })
      return { builds, of }
    }

    it('is built once', async () => {
      const { builds, of } = held()
      const asked = [1, 2, 3].map(() => of.render(request(), never))
      const other = of.render(request({ path: './base' }), never)
      expect(builds).toHaveLength(2)
      for (const { end } of builds) end()
      const [first, ...rest] = await Promise.all(asked)
      expect(rest).toEqual([first, first])
      expect(rest.every((each) => each === first)).toBe(true)
      expect(await other).not.toBe(first)
      expect(await of.render(request(), never)).toBe(first)
      expect(builds).toHaveLength(2)
    })

    it('goes on for the others when one leaves, and ends with the last', async () => {
      const { builds, of } = held()
      const leaving = new AbortController()
      const left = of.render(request(), leaving.signal)
      const stays = of.render(request(), never)
      leaving.abort()
      await expect(left).rejects.toMatchObject({ code: 'Canceled' })
      expect(builds[0]?.signal.aborted).toBe(false)
      builds[0]?.end()
      expect((await stays).digest).toBe('sha256:1')

      const both = [new AbortController(), new AbortController()]
      const waiting = both.map(({ signal }) => of.render(request({ path: './base' }), signal))
      for (const each of both) each.abort()
      expect(builds[1]?.signal.aborted).toBe(true)
      // Nobody joins a build that was ended.
      const late = of.render(request({ path: './base' }), never)
      for (const each of waiting) await expect(each).rejects.toMatchObject({ code: 'Canceled' })
      expect(builds).toHaveLength(3)
      builds[2]?.end()
      expect((await late).digest).toBe('sha256:1')
    })

    it('fails for all of them, and is tried again for the next', async () => {
      const { builds, of } = held()
      const asked = [1, 2].map(() => of.render(request(), never))
      builds[0]?.fail()
      for (const each of asked) await expect(each).rejects.toThrow('the worker died')
      const again = of.render(request(), never)
      builds[1]?.end()
      expect((await again).digest).toBe('sha256:1')
    })

    it('SECURITY 9: is not shared between who may use own keys and who may not, where something is decrypted', async () => {
      const { builds, of } = held()
      const own = { usesOwnKeys: true }
      void of.render(request(), never)
      void of.render(request({}, own), never)
      expect(builds).toHaveLength(1)
      const spec = { decryption: { provider: 'sops' } }
      void of.render(request(spec), never)
      void of.render(request(spec, own), never)
      expect(builds).toHaveLength(3)
    })
  })

  it('SECURITY 9: brings no keys of the user to a build that decrypts nothing', async () => {
    const uses: boolean[] = []
    const of = createClusterRenderer({
      send: ({ usesOwnKeys }) => {
        uses.push(usesOwnKeys)
        return Promise.reject(new Error('not now'))
      },
    })
    const spec = { decryption: { provider: 'sops' } }
    for (const given of [{}, spec])
      await expect(of.render(request(given, { usesOwnKeys: true }), never)).rejects.toThrow('not now')
    expect(uses).toEqual([false, true])
  })

  it('forgets what was used longest ago when there is too much', async () => {
    const asked: string[] = []
    const small = createClusterRenderer({
      maxKeptCharacters: 2500,
      send: ({ kustomization }) => {
        asked.push(kustomization.metadata.name)
        const objects = JSON.stringify([
          { object: { data: 'x'.repeat(600) }, origin: null, sensitive: [], unknown: '' },
        ])
        return Promise.resolve({ objects, digest: null, assumptions: [], warnings: [], error: null, durationMs: 1 })
      },
    })
    const one = (name: string): ClusterRenderRequest => {
      const { kustomization, ...rest } = request()
      return { ...rest, kustomization: { ...kustomization, metadata: { name } } }
    }
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await small.render(one(name), never)
    expect(asked).toEqual(['a', 'b', 'c', 'b'])
  })

  it('decrypts with the keys of the request, and with none says what is unknown', async () => {
    const identity = await generateIdentity()
    const plain = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'token' } }
    const encrypted = await encryptDocument({ stringData: { key: 'plain-value' } }, await identityToRecipient(identity))
    const { unencrypted_suffix: _, ...sops } = encrypted['sops'] as Record<string, unknown>
    const rule = { ...sops, encrypted_regex: '^(data|stringData)$' }
    await put('secrets/secret.yaml', JSON.stringify({ ...plain, ...encrypted, sops: rule }))
    const spec = { path: './secrets', decryption: { provider: 'sops', secretRef: { name: 'sops' } } }
    const open = await renderer.render(request(spec, { decryptionKeys: { 'age.agekey': identity } }), never)
    expect(open.error).toBeNull()
    expect(open.assumptions).toEqual([])
    expect(open.objects[0]?.object['data']).toEqual({ key: Buffer.from('plain-value').toString('base64') })
    expect(open.objects[0]?.unknown).toBe('')
    const sealed = await renderer.render(request(spec), never)
    expect(sealed).toMatchObject({ error: null, digest: null })
    expect(sealed.objects[0]?.unknown).toContain('there is no key here')
    expect(sealed.objects[0]?.object).not.toHaveProperty('sops')
    const bad = await renderer.render(
      request(spec, { decryptionKeys: { 'age.agekey': 'AGE-SECRET-KEY-1NONSENSE' } }),
      never,
    )
    expect(bad.error).toMatchObject({ code: 'DecryptionFailed' })
    expect(JSON.stringify(bad)).not.toContain('NONSENSE')
  })

  it('is the same in the thread of the command line', async () => {
    const places = { platform: 'linux', ageKey: null, ageKeyFile: null, ownKeyFile: null, named: [] }
    const here = createClusterRenderer({ send: createSameThreadRenders(places) })
    const [a, b] = [await here.render(request(), never), await renderer.render(request(), never)]
    expect({ ...a, durationMs: 0 }).toEqual({ ...b, durationMs: 0 })
    const aborted = AbortSignal.abort()
    await expect(here.render(request({ path: './base' }), aborted)).rejects.toMatchObject({ code: 'Canceled' })
    await expect(renderer.render(request({ path: './base' }), aborted)).rejects.toMatchObject({ code: 'Canceled' })
  })
})
