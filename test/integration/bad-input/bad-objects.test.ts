/**
 * Definitions and objects that are absent, old, half there, broken, huge or hostile, on a real API server: each says what is wrong with it,
 * and the rest goes on. One cluster and one engine for all of it, which see everything come and go.
 */
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createCustomResourceDefinitions } from '../../../shared/flux/custom-resource-definitions.ts'
import { fluxKind, fluxKinds } from '../../../shared/flux/kinds.ts'
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import type { ObjectDetail } from '../../../shared/model/detail.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { FluxRow, KindRow } from '../../../shared/model/rows.ts'
import { startTestEngine } from '../../app/engine.ts'
import type { TestEngine, WatchedStream } from '../../app/engine.ts'
import { inParallel } from '../../app/populate.ts'
import { startTestCluster } from '../../cluster/start.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { scaleCount, seed } from '../../soak.ts'
import { breakObject, fullObject, mutations } from '../../engine/status/broken-objects.ts'

const call = { signal: new AbortController().signal, client: 'test' } as const
const mergePatch = 'application/merge-patch+json'
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const kustomizeGroup = 'kustomize.toolkit.fluxcd.io'
const brokenPerKind = scaleCount(60)
/** Requests and open pages at the same time. */
const width = 4

/** The definition of a kind as an API server of another age would serve it. */
function definitionOf(
  kind: FluxKind,
  versions: readonly { name: string; served: boolean; storage: boolean }[],
): object {
  const [definition] = createCustomResourceDefinitions([kind])
  const [template] = definition?.spec.versions ?? []
  return {
    ...definition,
    spec: { ...definition?.spec, versions: versions.map((version) => ({ ...template, ...version })) },
  }
}

/** Takes any object at all. */
function openDefinition(kind: FluxKind): object {
  const [name = ''] = kind.versions
  const [definition] = createCustomResourceDefinitions([kind])
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  return { ...definition, spec: { ...definition?.spec, versions: [{ name, served: true, storage: true, schema }] } }
}

function pathOf(kind: FluxKind, version = kind.versions[0] ?? ''): string {
  const scope = kind.scope === 'Namespaced' ? '/namespaces/odd' : ''
  return `/apis/${kind.group}/${version}${scope}/${kind.plural}`
}

/** Does a text hold control characters (but newlines and tabs) or bidi overrides and isolates. */
function isUnsafe(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 && code !== 0x0a && code !== 0x09) return true
    if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) return true
  }
  return false
}

describe('bad definitions and objects on a real API server', () => {
  let cluster: TestCluster
  let engine: TestEngine
  let kinds: WatchedStream<KindRow>
  let rows: WatchedStream<FluxRow>
  let id = ''
  const open: { close(): void }[] = []

  const keep = <T extends { close(): void }>(stream: T): T => {
    open.push(stream)
    return stream
  }
  const need = (group: string, kind: string): FluxKind => {
    const found = fluxKind(group, kind)
    if (found === null) throw new Error(`${kind} is not in the table`)
    return found
  }
  const stateOf = (kind: FluxKind): KindRow | undefined =>
    [...kinds.items.values()].find((row) => row.kind === kind.kind && row.group === kind.group)
  const untilState = (kind: FluxKind, state: KindRow['state'], version?: string) =>
    kinds.until(
      () => {
        const row = stateOf(kind)
        return row?.state === state && (version === undefined || row.version === version)
      },
      `${kind.kind} ${state} ${version ?? ''}`,
    )
  const refOf = (kind: FluxKind, name: string): ObjectRef => ({
    cluster: id,
    group: kind.group,
    kind: kind.kind,
    namespace: kind.scope === 'Namespaced' ? 'odd' : '',
    name,
  })
  const detailOf = async (ref: ObjectRef): Promise<ObjectDetail> => {
    const stream = engine.watch('object.watch', { ref })
    const [detail] = await stream.until(
      ([item]) => item !== undefined && item.access.logs.reason !== 'Asking the API server',
      `the page of ${ref.kind} ${ref.name}`,
    )
    stream.close()
    if (detail === undefined) throw new Error('no detail')
    return detail
  }
  /** Page, tree and YAML of an object all answer. */
  const expectWhole = async (ref: ObjectRef): Promise<void> => {
    const detail = await detailOf(ref)
    expect(detail.problem, refKey(ref)).toBeNull()
    expect(detail.row?.status.word, refKey(ref)).toBeTruthy()
    const tree = engine.watch('tree.watch', { ref })
    const nodes = await tree.until((all, isReady) => isReady && all.length > 0, `the tree of ${refKey(ref)}`)
    tree.close()
    expect(nodes.find((node) => node.parent === null)?.key).toBe(refKey(ref))
    const yaml = await engine.handlers['object.yaml']({ ref, offset: 0 }, call)
    expect(yaml.text).toContain(`kind: ${ref.kind}`)
  }
  const create = (kind: FluxKind, name: string, body: object): Promise<unknown> =>
    cluster.requestOk('POST', pathOf(kind), {
      apiVersion: `${kind.group}/${kind.versions[0] ?? ''}`,
      kind: kind.kind,
      metadata: { name },
      ...body,
    })

  beforeAll(async () => {
    cluster = await startTestCluster({ name: 'odd' })
    await cluster.requestOk('POST', '/api/v1/namespaces', { metadata: { name: 'odd' } })
    engine = await startTestEngine(cluster.kubeconfigPath)
    kinds = engine.watch('kinds.watch', {})
    rows = engine.watch('rows.watch', {})
  })
  afterEach(() => {
    for (const stream of open.splice(0)) stream.close()
  })
  afterAll(async () => {
    await engine.close()
    await cluster.stop()
  })

  it('tells a cluster without Flux from one that does not answer', async () => {
    const contexts = keep(engine.watch('contexts.watch', {}))
    const [context] = await contexts.until(([row]) => row?.connection === 'connected', 'connected')
    expect(context).toMatchObject({ error: null, fluxVersion: '' })
    id = context?.cluster ?? ''
    const all = await kinds.until(
      (each, isReady) =>
        isReady && each.length >= fluxKinds.length && each.every((row) => row.state === 'notInstalled'),
      'nothing installed',
    )
    expect(all.length).toBe(fluxKinds.length)
    expect(all.every((row) => row.count === 0)).toBe(true)
    const kind = need(kustomizeGroup, 'Kustomization')
    expect((await detailOf(refOf(kind, 'x'))).problem).toMatchObject({ code: 'ResourceNotServed' })
    await expect(engine.handlers['object.yaml']({ ref: refOf(kind, 'x'), offset: 0 }, call)).rejects.toMatchObject({
      code: 'ResourceNotServed',
    })
    const plan = await engine.handlers['plan.prepare']({ action: 'suspend', refs: [refOf(kind, 'x')] }, call)
    expect(plan).toMatchObject({ changeCount: 0, refusedCount: 1 })
    expect(plan.items[0]?.refusal?.message).toContain('Kustomization')
  })

  it('lists what is installed of a half-installed Flux, and the rest once it is there', async () => {
    const kind = need(kustomizeGroup, 'Kustomization')
    const taken = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `squatters.${kustomizeGroup}` },
      spec: {
        group: kustomizeGroup,
        scope: 'Namespaced',
        names: { kind: 'Squatter', plural: 'squatters', shortNames: ['ks'] },
        versions: [{ name: 'v9', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    }
    const git = need('source.toolkit.fluxcd.io', 'GitRepository')
    await cluster.applyObjects([taken, openDefinition(git)] as never)
    await untilState(git, 'live', 'v1')
    // Its short name is taken: stored, never established.
    await cluster.requestOk('POST', definitions, definitionOf(kind, [{ name: 'v1beta2', served: true, storage: true }]))
    await cluster.requestOk('POST', pathOf(git), {
      apiVersion: `${git.group}/v1`,
      kind: git.kind,
      metadata: { name: 'here' },
      spec: {},
    })
    await rows.until((all) => all.some((row) => row.ref.name === 'here'), 'the kind that is there')
    expect(stateOf(kind)?.state).toBe('notInstalled')
    await cluster.requestOk('DELETE', `${definitions}/squatters.${kustomizeGroup}`)
    await untilState(kind, 'live', 'v1beta2')
    expect(stateOf(need('helm.toolkit.fluxcd.io', 'HelmRelease'))?.state).toBe('notInstalled')
  })

  it('reads, opens and suspends objects of an old version, and follows the upgrade of their definition', async () => {
    const kind = need(kustomizeGroup, 'Kustomization')
    const ref = refOf(kind, 'old')
    await cluster.requestOk('POST', pathOf(kind, 'v1beta2'), {
      apiVersion: `${kind.group}/v1beta2`,
      kind: kind.kind,
      metadata: { name: 'old' },
      spec: {
        interval: '5m',
        path: './old',
        prune: true,
        validation: 'client',
        sourceRef: { kind: 'GitRepository', name: 'here' },
      },
    })
    const [row] = await rows
      .until((all) => all.some((each) => each.ref.name === 'old'), 'the old one')
      .then((all) => all.filter((each) => each.ref.name === 'old'))
    expect(row).toMatchObject({ version: 'v1beta2', category: 'kustomizations', isSuspended: false, target: './old' })
    await expectWhole(ref)
    const plan = await engine.handlers['plan.prepare']({ action: 'suspend', refs: [ref] }, call)
    expect(plan.items[0]).toMatchObject({ effect: 'change', refusal: null })
    await engine.handlers['plan.execute']({ digest: plan.digest }, call)
    const find = (all: readonly FluxRow[]): FluxRow | undefined => all.find((each) => each.ref.name === 'old')
    await rows.until((all) => find(all)?.isSuspended === true, 'suspended')
    expect(find([...rows.items.values()])?.suspend).toMatchObject({ isTrusted: true })

    const upgraded = definitionOf(kind, [
      { name: 'v1', served: true, storage: true },
      { name: 'v1beta2', served: true, storage: false },
    ])
    await cluster.requestOk('PATCH', `${definitions}/${kind.plural}.${kind.group}`, upgraded, mergePatch)
    await untilState(kind, 'live', 'v1')
    const after = await rows.until((all) => find(all)?.version === 'v1', 'the same row in the new version')
    expect(after.filter((each) => each.ref.name === 'old').length).toBe(1)
    expect(find(after)).toMatchObject({ isSuspended: true, uid: row?.uid })
    await expectWhole(ref)
  })

  it('shows a row, a page, a tree and YAML of an object of every kind that says nothing', async () => {
    const old = need(kustomizeGroup, 'Kustomization')
    await cluster.requestOk('DELETE', `${definitions}/${old.plural}.${old.group}`)
    await untilState(old, 'notInstalled')
    await rows.until((all) => all.every((row) => row.ref.kind !== old.kind), 'its rows gone with it')
    const absent = fluxKinds.filter((kind) => kind.kind !== 'GitRepository').map(openDefinition)
    await inParallel(absent, width, async (definition) => {
      await cluster.applyObjects([definition] as never)
    })
    await inParallel(fluxKinds, width, async (kind) => {
      await create(kind, 'empty', {})
      await create(kind, 'minimal', { spec: {} })
      await create(kind, 'hollow', { spec: {}, status: {} })
    })
    const wanted = fluxKinds.flatMap((kind) => ['empty', 'minimal', 'hollow'].map((name) => refOf(kind, name)))
    await rows.until(() => wanted.every((ref) => rows.items.has(refKey(ref))), 'rows of all kinds')
    expect(fluxKinds.filter((kind) => stateOf(kind)?.state !== 'live')).toEqual([])
    await inParallel(fluxKinds, width, (kind) => expectWhole(refOf(kind, 'empty')))
  })

  it('shows broken objects of every kind as they are', async () => {
    const samples = fc.sample(mutations, { seed: seed(), numRuns: fluxKinds.length * brokenPerKind })
    const broken = samples.map((mutation, index) => {
      const position = Math.floor(index / brokenPerKind)
      const kind = fluxKinds[position] as FluxKind
      const object = fullObject(position)
      breakObject(object, mutation)
      return { kind, name: `broken-${String(index % brokenPerKind)}`, spec: object['spec'], status: object['status'] }
    })
    await inParallel(broken, width, async ({ kind, name, spec, status }) => {
      await create(kind, name, { spec, status })
    })
    const refs = broken.map(({ kind, name }) => refOf(kind, name))
    await rows.until(() => refs.every((ref) => rows.items.has(refKey(ref))), 'rows of all broken ones')
    // A third of them opened: each costs access reviews.
    const opened = refs.filter((ref) => ref.name === 'broken-0')
    // What is not an object at all where one is expected.
    const kind = need(kustomizeGroup, 'Kustomization')
    for (const [index, body] of [
      { spec: 'text', status: 'text' },
      { spec: 7, status: [] },
      { spec: [], status: { conditions: {}, inventory: 'none', history: 3 } },
      { spec: { sourceRef: [], dependsOn: {}, interval: 7 }, status: { conditions: [null, 1, 'x', { type: 4 }] } },
      { status: { inventory: { entries: [null, 'x', { id: 5 }, { id: '___' }, { id: 'a_b_c_d_e_f', v: 1 }] } } },
    ].entries()) {
      const name = `shapeless-${String(index)}`
      await create(kind, name, body)
      opened.push(refOf(kind, name))
    }
    await rows.until(() => opened.every((ref) => rows.items.has(refKey(ref))), 'rows of the shapeless ones')
    await inParallel(opened, width, expectWhole)
  })

  it('takes names at the limit, a message of 40,000 characters with markup and bidi, and an object of 1 MB', async () => {
    const kind = need(kustomizeGroup, 'Kustomization')
    const longest = `${`${'a'.repeat(62)}.`.repeat(4)}z`
    expect(longest.length).toBe(253)
    const hostile = `<img src=x onerror=alert(1)> \u202eevil\u2066 \u001b[31mred\u001b[0m \u0007 `
    await cluster.requestOk('POST', pathOf(kind), {
      apiVersion: `${kind.group}/v1`,
      kind: kind.kind,
      metadata: {
        name: longest,
        labels: { [`${'p'.repeat(253)}/${'n'.repeat(63)}`]: 'v'.repeat(63) },
        annotations: { note: hostile, long: 'x'.repeat(200_000) },
      },
      spec: { path: hostile, patches: [{ patch: 'y'.repeat(1_000_000) }], sourceRef: { kind: hostile, name: hostile } },
      status: {
        conditions: [
          {
            type: 'Ready',
            status: 'False',
            reason: hostile,
            message: hostile + '\u{1f600}'.repeat(20_000),
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
        inventory: { entries: [{ id: `odd_${hostile}_apps_Deployment`, v: 'v1' }] },
      },
    })
    const ref = refOf(kind, longest)
    await rows.until(() => rows.items.get(refKey(ref))?.status.word === 'Failed', 'the huge one')
    const row = rows.items.get(refKey(ref))
    expect(JSON.stringify(row).length).toBeLessThan(100_000)
    const detail = await detailOf(ref)
    expect(detail.problem).toBeNull()
    const [condition] = detail.conditions
    expect(condition?.message).toContain('<img src=x onerror=alert(1)> \ufffdevil\ufffd red \ufffd')
    expect(condition?.message.length).toBeLessThanOrEqual(16 * 1024)
    for (const text of [
      condition?.message ?? '',
      ...detail.facts.map(({ value }) => value),
      ...Object.values(detail.annotations),
    ])
      expect(isUnsafe(text), text.slice(0, 80)).toBe(false)
    const tree = keep(engine.watch('tree.watch', { ref }))
    const nodes = await tree.until((all, isReady) => isReady && all.length > 1, 'its tree')
    for (const node of nodes) expect(isUnsafe(node.message), node.message.slice(0, 80)).toBe(false)
    let text = ''
    let total = 1
    let etag = ''
    while (text.length < total) {
      const more = etag === '' ? {} : { etag }
      const page = await engine.handlers['object.yaml']({ ref, offset: text.length, ...more }, call)
      etag = page.etag
      text += page.text
      total = page.total
    }
    expect(text.length).toBeGreaterThan(1_000_000)
    expect(isUnsafe(text.replaceAll('\n', ''))).toBe(false)
    await cluster.requestOk('PATCH', `${pathOf(kind)}/${longest}`, { spec: { suspend: true } }, mergePatch)
    await rows.until(() => rows.items.get(refKey(ref))?.isSuspended === true, 'followed like any other')
  })

  it('forgets the rows of a definition that is deleted, and keeps the others', async () => {
    const kind = need('image.toolkit.fluxcd.io', 'ImagePolicy')
    const others = [...rows.items.values()].filter((row) => row.ref.kind !== kind.kind).length
    await cluster.requestOk('DELETE', `${definitions}/${kind.plural}.${kind.group}`)
    await untilState(kind, 'notInstalled')
    await rows.until((all) => all.every((row) => row.ref.kind !== kind.kind), 'no ImagePolicy left')
    expect(rows.items.size).toBe(others)
  })
})
