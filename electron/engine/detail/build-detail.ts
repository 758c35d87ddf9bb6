/** The object page's data out of what is known now. Pure but for what it asks the view. */
import { fluxKind } from '../../../shared/flux/kinds.ts'
import { helmGroup, sourceGroup } from '../../../shared/flux/groups.ts'
import { capText, neutralizeText } from '../../../shared/lib/text.ts'
import type { ObjectDetail } from '../../../shared/model/detail.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { readConditions } from '../status/conditions.ts'
import { blockingChain, findDependents } from '../status/dependencies.ts'
import { toFluxRow } from '../status/flux-row.ts'
import { computeKStatus } from '../status/kstatus.ts'
import { asTextMap, at, textAt, timeMs, versionOf } from '../status/read.ts'
import { readParent } from '../status/row-facts.ts'
import type { KnownObject } from '../tree/build-tree.ts'
import { readFacts } from './facts.ts'
import { readFlow } from './flow.ts'
import { isListed, linkRef, linkRow, sourceRef } from './links.ts'
import { readNextRunAt } from './next-run.ts'
import { presentAnnotations } from './present-object.ts'

/** Values of annotations and messages of conditions beyond this are for the YAML tab. */
const maxText = 16 * 1024

export interface DetailParts {
  readonly known: KnownObject
  readonly access: ObjectDetail['access']
  readonly gateNote: string
  readonly now: number
}

export function buildDetail(view: ClusterView, ref: ObjectRef, parts: DetailParts): ObjectDetail {
  const { known } = parts
  const empty: ObjectDetail = {
    key: refKey(ref),
    ref,
    version: view.served(ref.group, ref.kind)?.version ?? '',
    uid: '',
    row: view.row(refKey(ref)),
    status: 'Unknown',
    statusMessage: '',
    createdAt: null,
    conditions: [],
    labels: {},
    annotations: {},
    facts: [],
    flow: [],
    nextRunAt: null,
    source: null,
    dependsOn: [],
    dependents: [],
    blockedBy: [],
    parent: null,
    access: parts.access,
    gateNote: parts.gateNote,
    problem: null,
  }
  switch (known.state) {
    case 'pending':
      return empty
    case 'missing':
      return {
        ...empty,
        row: null,
        status: 'NotFound',
        problem: {
          code: 'NotFound',
          message: `${ref.kind} ${ref.namespace === '' ? '' : `${ref.namespace}/`}${ref.name} does not exist`,
          remedy: 'It was deleted, or the link names another cluster',
          detail: '',
          retry: 'terminal',
        },
      }
    case 'failed':
      return { ...empty, problem: known.error }
    case 'known':
      return describe(view, ref, known.object, empty, parts.now)
  }
}

function describe(
  view: ClusterView,
  ref: ObjectRef,
  object: KubeObject,
  empty: ObjectDetail,
  now: number,
): ObjectDetail {
  const kind = fluxKind(ref.group, ref.kind)
  const row =
    view.row(refKey(ref)) ??
    (kind === null
      ? null
      : toFluxRow(object, {
          cluster: ref.cluster,
          group: ref.group,
          version: versionOf(object.apiVersion),
          kind: ref.kind,
          fluxKind: kind,
          now,
        }))
  const lookup = (target: ObjectRef): FluxRow | null => view.row(refKey(target))
  const status = computeKStatus(object, now)
  const parent = row?.parent ?? readParent(object, ref)
  return {
    ...empty,
    version: versionOf(object.apiVersion) || empty.version,
    uid: textAt(object, 'metadata', 'uid'),
    row,
    status: status.word,
    statusMessage: clean(status.message),
    createdAt: timeMs(at(object, 'metadata', 'creationTimestamp')),
    conditions: readConditions(object).map((condition) => ({ ...condition, message: clean(condition.message) })),
    labels: cleanMap(asTextMap(at(object, 'metadata', 'labels'))),
    annotations: cleanMap(presentAnnotations(object)),
    facts: readFacts(object),
    flow: readFlow(object, row, flowSource(view, ref, object, row)),
    // Nobody knows of the runs since.
    nextRunAt: row?.status.word === 'Stale' ? null : readNextRunAt(object, kind),
    source: row?.source ?? null,
    dependsOn: (row?.dependsOn ?? []).map((target) => linkRef(view, target)),
    dependents: kind === null ? [] : findDependents(ref, view.rows()).map(linkRow),
    blockedBy: row === null ? [] : blockingChain(row, lookup).map((blocker) => linkRef(view, blocker.ref)),
    parent: parent === null ? null : linkRef(view, parent),
  }
}

/** A HelmRelease with a chart template draws from the HelmChart that the controller makes of it. */
function flowSource(
  view: ClusterView,
  ref: ObjectRef,
  object: KubeObject,
  row: FluxRow | null,
): { isKnown: boolean; row: FluxRow | null } {
  let source = row?.source == null ? null : sourceRef(row.source, ref.cluster)
  if (ref.group === helmGroup) {
    const [namespace = '', name = ''] = textAt(object, 'status', 'helmChart').split('/')
    if (name !== '') source = { cluster: ref.cluster, group: sourceGroup, kind: 'HelmChart', namespace, name }
  }
  if (source === null) return { isKnown: false, row: null }
  const found = view.row(refKey(source))
  return { isKnown: found !== null || isListed(view, source), row: found }
}

function clean(text: string): string {
  return capText(neutralizeText(text), maxText)
}

function cleanMap(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [neutralizeText(key), clean(value)]))
}
