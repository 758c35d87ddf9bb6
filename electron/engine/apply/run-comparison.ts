/**
 * apply/: what the controller's next apply would do, object by object. Knows the controllers' rules and one cluster through its options; must not
 * know where the desired state came from, when it is compared, or who looks at the result. Semantics: flux-semantics §2.7 to §2.11, §3.2.
 *
 * This file: the set as a whole. Dry-runs have no effect on each other, so the controller's stages matter only for what is not there yet:
 * objects in a namespace, or of a kind, that the same set creates cannot be asked for and are simply created.
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import { nextTurn } from '../cache/slices.ts'
import type { KubeObject, ServedResource } from '../clusters/view.ts'
import { compileIgnoreRules } from '../diff/ignore-rules.ts'
import { createSealer } from '../diff/sealed-values.ts'
import type { DesiredObject } from '../drift/desired-set.ts'
import { asArray, asRecord, asText, groupOf, textAt, versionOf } from '../status/read.ts'
import type { Comparison, LiveRead } from './compare-one.ts'
import { byStructure, compareOne, keyOf, plain, unknownObject } from './compare-one.ts'
import type { ComparedObject, CompareOptions, CompareSet } from './compare-set.ts'
import { skipRule } from './controls.ts'
import { endsComparison, titleOf } from './dry-run.ts'
import { inParallel } from './in-parallel.ts'
import { judgeStale } from './prune.ts'

/**
 * Compares every object of the set. Rejects with the SluiceError of the transport where the API server goes away in between (nothing of the
 * result could be believed), Canceled, or Invalid for an ignore rule that the controller refuses as well.
 */
export const compareSet: CompareSet = async (set, options) => {
  let dryRunCount = 0
  const comparison: Comparison = {
    set,
    options,
    rules: compileIgnoreRules(set.ignoreRules),
    sealer: createSealer(options.codec, options.secretKey),
    onDryRun: () => {
      dryRunCount += 1
    },
  }
  const defined = definedKinds(set.objects)
  const places = set.objects.map((desired) => placeOf(comparison, desired, defined))
  const reads = await inParallel(places, readConcurrency, options.signal, (place) =>
    place.resource === null ? Promise.resolve(notRead) : options.live.read(keyOf(place.desired.object)),
  )
  const absent = absentPlaces(set.objects, reads)

  const takeTurn = createTurns(options.clock)
  const compared = await inParallel(places, options.concurrency, options.signal, async (place, index) => {
    await takeTurn()
    const { desired, resource } = place
    const { kind, apiVersion, metadata } = desired.object
    const read = reads[index]!
    const isAbsent =
      absent.namespaces.has(metadata.namespace ?? '') || absent.kinds.has(`${groupOf(apiVersion)}/${kind}`)
    if (isAbsent) {
      const rule = skipRule(set.controller, desired.object, null)
      return rule === '' ? plain(desired, null, 'created') : { ...plain(desired, null, 'skipped'), rule }
    }
    if (resource === null) return unknownObject(desired, null, notServed(desired.object))
    if (resource.isNamespaced && (metadata.namespace ?? '') === '')
      return unknownObject(desired, null, withoutNamespace(desired.object))
    const target = { resource, controller: set.controller, impersonate: set.target.impersonate }
    try {
      return await compareOne(comparison, desired, target, read)
    } catch (error) {
      if (!(error instanceof SluiceError) || endsComparison(error)) throw error
      return unknownObject(desired, null, error.toData())
    }
  })
  const objects = afterKinds(comparison, defined, compared, reads)

  const stale = await inParallel(set.stale, options.concurrency, options.signal, (entry) =>
    judgeStale(comparison, entry),
  )
  const all = [...objects, ...stale.filter((object) => object !== null)]
  return { objects: all, isApproximate: all.some((object) => object.isApproximate), dryRunCount }
}

/** Reads are shared lists: more at once than dry-runs. */
const readConcurrency = 64
const sliceMs = 8
const notRead: LiveRead = { object: null }

interface Place {
  /** Without the namespace where the kind has none: the API server ignores it there. */
  readonly desired: DesiredObject
  /** null: the API server does not serve the kind. */
  readonly resource: ServedResource | null
}

function placeOf({ options }: Comparison, desired: DesiredObject, defined: ReadonlyMap<string, ServedResource>): Place {
  const { apiVersion, kind, metadata } = desired.object
  const group = groupOf(apiVersion)
  const known = options.view.served(group, kind) ?? defined.get(`${group}/${kind}`) ?? null
  if (known === null) return { desired, resource: null }
  const resource = { ...known, version: versionOf(apiVersion) }
  if (resource.isNamespaced || metadata.namespace === undefined) return { desired, resource }
  const { namespace: _ignored, ...rest } = metadata
  return { desired: { ...desired, object: { ...desired.object, metadata: rest } }, resource }
}

const isCrd = (object: KubeObject): boolean =>
  object.kind === 'CustomResourceDefinition' && groupOf(object.apiVersion) === 'apiextensions.k8s.io'

/** Kinds that CRDs of the set define, by `group/Kind`. */
function definedKinds(objects: readonly DesiredObject[]): ReadonlyMap<string, ServedResource> {
  const result = new Map<string, ServedResource>()
  for (const { object } of objects) {
    if (!isCrd(object)) continue
    const group = textAt(object, 'spec', 'group')
    const kind = textAt(object, 'spec', 'names', 'kind')
    const first = asArray(asRecord(object['spec'])['versions'])[0]
    result.set(`${group}/${kind}`, {
      group,
      kind,
      version: asText(asRecord(first)['name']),
      plural: textAt(object, 'spec', 'names', 'plural'),
      isNamespaced: textAt(object, 'spec', 'scope') !== 'Cluster',
      verbs: [],
      shortNames: [],
    })
  }
  return result
}

/** Namespaces and kinds that the set creates. */
function absentPlaces(
  objects: readonly DesiredObject[],
  reads: readonly LiveRead[],
): { readonly namespaces: ReadonlySet<string>; readonly kinds: ReadonlySet<string> } {
  const namespaces = new Set<string>()
  const kinds = new Set<string>()
  for (const [index, { object }] of objects.entries()) {
    const read = reads[index]!
    if ('problem' in read || read.object !== null) continue
    if (object.kind === 'Namespace' && object.apiVersion === 'v1') namespaces.add(object.metadata.name)
    if (isCrd(object)) kinds.add(`${textAt(object, 'spec', 'group')}/${textAt(object, 'spec', 'names', 'kind')}`)
  }
  return { namespaces, kinds }
}

/** Objects of a kind whose CRD this set changes are refused by the old schema perhaps only: they are worked out by structure. */
function afterKinds(
  comparison: Comparison,
  defined: ReadonlyMap<string, ServedResource>,
  compared: readonly ComparedObject[],
  reads: readonly LiveRead[],
): readonly ComparedObject[] {
  const changed = new Set<string>()
  for (const { desired, action } of compared)
    if (desired !== null && isCrd(desired.object) && (action === 'configured' || action === 'recreated'))
      changed.add(`${textAt(desired.object, 'spec', 'group')}/${textAt(desired.object, 'spec', 'names', 'kind')}`)
  if (changed.size === 0 || defined.size === 0) return compared
  return compared.map((object, index) => {
    const read = reads[index]!
    if (object.action !== 'refused' || object.desired === null || 'problem' in read) return object
    if (!changed.has(`${groupOf(object.apiVersion)}/${object.kind}`)) return object
    return byStructure(comparison, object.desired, read.object, null)
  })
}

function notServed(object: KubeObject): ReturnType<SluiceError['toData']> {
  return new SluiceError(
    'ResourceNotServed',
    `${titleOf(object)}: the API server does not serve ${object.kind} of ${object.apiVersion}`,
    { remedy: 'Install the kind first.' },
  ).toData()
}

function withoutNamespace(object: KubeObject): ReturnType<SluiceError['toData']> {
  return new SluiceError('Invalid', `${titleOf(object)}: namespace not specified`, {
    remedy: 'Set metadata.namespace, or targetNamespace on the Kustomization.',
  }).toData()
}

/** Lets the thread go whenever comparing has held it for a while. */
function createTurns(clock: CompareOptions['clock']): () => Promise<void> {
  let since = clock?.monotonicMs() ?? 0
  return async () => {
    if (clock === undefined || clock.monotonicMs() - since < sliceMs) return
    await nextTurn(clock)
    since = clock.monotonicMs()
  }
}
