/**
 * Rewrites the manifests of a repository in place so that nothing points outside this machine: sources, charts, providers,
 * credentials, encryption. Text-preserving (comments, order and number formats stay), and only where a field is present, so
 * that partial documents (patches) stay partial.
 */
import { isScalar, parseAllDocuments, Scalar, visit, type Document } from 'yaml'
import { chartVersion } from './chart-server.ts'
import type { LeftOut } from './left-out.ts'

export interface RewriteContext {
  /** 127.0.0.1:PORT of the chart server. */
  readonly chartHost: string
  readonly gitUrl: string
  readonly branch: string
  readonly charts: Map<string, Set<string>>
  readonly leftOut: LeftOut
  /** Answers whether a Flux Kustomization of this name is part of the fleet. */
  readonly isKept: (kustomization: string) => boolean
  readonly isReleaseKept: (release: string) => boolean
  /** Kustomizations do not wait: nobody makes the Helm releases among their objects Ready. */
  readonly isWaitDropped?: boolean
  /** Old name → new name. */
  readonly movedNamespaces?: ReadonlyMap<string, string>
}

interface Fields {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: { readonly name?: string }
  readonly spec?: Readonly<Record<string, unknown>>
  readonly sops?: unknown
  readonly data?: Readonly<Record<string, unknown>>
}

/** The new text, or null when nothing in it has to change. Files that are no YAML (templates) stay as they are. */
export function rewriteManifests(text: string, context: RewriteContext): string | null {
  if (!/^\s*(apiVersion|sops):/m.test(text)) return null
  // Failsafe: every scalar is a string, so that nothing is printed otherwise than it was written (0644, yes, 1e3).
  const documents = parseAllDocuments(text, { schema: 'failsafe', logLevel: 'silent' })
  if (!Array.isArray(documents) || documents.some((document) => document.errors.length > 0)) return null
  let isChanged = false
  const kept: Document[] = []
  for (const document of documents as Document[]) {
    const before = print(document)
    if (rewriteDocument(document, context)) kept.push(document)
    isChanged ||= kept.at(-1) !== document || print(document) !== before
  }
  if (!isChanged) return null
  return kept.length === 0 ? '# left out\n' : kept.map(print).join('---\n').replaceAll('---\n---\n', '---\n')
}

// No folding: long lines stay the lines that they were.
const print = (document: Document): string => document.toString({ lineWidth: 0 })

/** False when the document has to go. */
function rewriteDocument(document: Document, context: RewriteContext): boolean {
  const fields = document.toJS() as Fields | null
  if (!fields || typeof fields !== 'object') return true
  if (context.movedNamespaces !== undefined) moveInDocument(document, fields, context.movedNamespaces)
  const [group = ''] = (fields.apiVersion ?? '').split('/')
  if (fields.sops !== undefined) {
    document.deleteIn(['sops'])
    context.leftOut.add('SOPS encryption (a word in place of the ciphertext)')
    // A word in its place: ciphertext is neither base64 nor a name, and some of it stands where names are wanted.
    visit(document, {
      Scalar(_, scalar) {
        if (typeof scalar.value === 'string' && scalar.value.startsWith('ENC[')) scalar.value = 'encrypted'
      },
    })
    for (const key of Object.keys(fields.data ?? {})) {
      if (fields.kind === 'Secret') document.setIn(['data', key], quoted(Buffer.from('encrypted').toString('base64')))
    }
  }
  switch (group) {
    case 'kustomize.toolkit.fluxcd.io':
      return fields.kind === 'Kustomization' ? rewriteKustomization(document, fields, context) : true
    case 'helm.toolkit.fluxcd.io':
      return fields.kind === 'HelmRelease' ? rewriteRelease(document, fields, context) : true
    case 'source.toolkit.fluxcd.io':
      return rewriteSource(document, fields, context)
    case 'notification.toolkit.fluxcd.io':
      return rewriteNotification(document, fields, context)
    case 'image.toolkit.fluxcd.io':
      context.leftOut.add(`${fields.kind} (no image controllers)`)
      return false
    case 'admissionregistration.k8s.io':
      context.leftOut.add(`${fields.kind} (would change or refuse what others apply)`)
      return false
    case 'apiextensions.k8s.io':
      if (!fields.metadata?.name?.endsWith('.toolkit.fluxcd.io')) return true
      context.leftOut.add('CustomResourceDefinition of Flux (installed already)')
      return false
    case 'autoscaling':
      if (fields.kind === 'HorizontalPodAutoscaler' && fields.spec?.['minReplicas'] === '0') {
        document.setIn(['spec', 'minReplicas'], '1')
        context.leftOut.add('HorizontalPodAutoscaler spec.minReplicas of 0 (needs a feature gate) made 1')
      }
      return true
    default:
      return true
  }
}

const namespaceFields: ReadonlySet<unknown> = new Set(['namespace', 'targetNamespace'])

function moveInDocument(document: Document, fields: Fields, moved: ReadonlyMap<string, string>): void {
  visit(document, {
    Pair(_, { key, value }) {
      const isNamed = isScalar(key) && namespaceFields.has(key.value) && isScalar(value)
      if (isNamed) value.value = moved.get(String(value.value)) ?? value.value
    },
  })
  const name = fields.kind === 'Namespace' ? moved.get(fields.metadata?.name ?? '') : undefined
  if (name !== undefined) document.setIn(['metadata', 'name'], name)
}

/** The same in objects that are read already. */
export function moveNamespaces(value: unknown, moved: ReadonlyMap<string, string>): unknown {
  if (moved.size === 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => moveNamespaces(item, moved))
  const entries = Object.entries(value).map(([key, field]: [string, unknown]) => {
    const isNamed = namespaceFields.has(key) && typeof field === 'string'
    return [key, isNamed ? (moved.get(field) ?? field) : moveNamespaces(field, moved)] as const
  })
  const copy = Object.fromEntries(entries) as Fields
  const name = copy.kind === 'Namespace' ? moved.get(copy.metadata?.name ?? '') : undefined
  return name === undefined ? copy : { ...copy, metadata: { ...copy.metadata, name } }
}

function rewriteKustomization(document: Document, { metadata, spec = {} }: Fields, context: RewriteContext): boolean {
  const name = metadata?.name ?? ''
  const isWhole = spec['sourceRef'] !== undefined
  if (isWhole && !name.includes('$') && !context.isKept(name)) {
    context.leftOut.add('Kustomization (other source, failing in the original, or not reached)')
    return false
  }
  drop(document, spec, ['decryption', 'kubeConfig', 'serviceAccountName', 'healthCheckExprs'], 'Kustomization', context)
  if (context.isWaitDropped === true) drop(document, spec, ['wait', 'healthChecks'], 'Kustomization', context)
  // Custom resources have no controller here: their conditions would never come.
  else keepItems(document, 'healthChecks', spec, ({ kind }) => kind === 'HelmRelease', 'Kustomization', context)
  keepDependencies(document, spec, context.isKept, 'Kustomization', context)
  if (isWhole) {
    document.setIn(['spec', 'retryInterval'], '5s')
    document.setIn(['spec', 'timeout'], '1m')
  }
  return true
}

function rewriteRelease(document: Document, { metadata, spec = {} }: Fields, context: RewriteContext): boolean {
  drop(document, spec, ['kubeConfig', 'serviceAccountName', 'postRenderers'], 'HelmRelease', context)
  const name = metadata?.name ?? ''
  if (!name.includes('$')) keepDependencies(document, spec, context.isReleaseKept, 'HelmRelease', context)
  const valuesFrom = spec['valuesFrom']
  if (Array.isArray(valuesFrom)) {
    context.leftOut.add('HelmRelease spec.valuesFrom', valuesFrom.length)
    document.deleteIn(['spec', 'valuesFrom'])
  }
  const chart = (
    spec['chart'] as { spec?: { chart?: string; version?: string; sourceRef?: { kind?: string } } } | undefined
  )?.spec
  if (chart?.chart) {
    const exact = chartVersion(chart.version ?? '')
    addChart(context, chart.chart, exact)
    if (chart.version !== undefined) document.setIn(['spec', 'chart', 'spec', 'version'], quoted(exact))
    document.deleteIn(['spec', 'chart', 'spec', 'verify'])
  }
  if (spec['chart'] ?? spec['chartRef']) {
    context.leftOut.add('chart replaced by the loopback chart')
    document.setIn(['spec', 'timeout'], '1m')
  }
  return true
}

function rewriteSource(document: Document, { kind, metadata, spec = {} }: Fields, context: RewriteContext): boolean {
  if (kind === 'Bucket') {
    context.leftOut.add('Bucket (no object store)')
    return false
  }
  drop(document, spec, ['secretRef', 'verify', 'certSecretRef', 'proxySecretRef', 'provider'], kind ?? '', context)
  const url = spec['url']
  if (typeof url !== 'string') return true
  if (kind === 'GitRepository') {
    document.setIn(['spec', 'url'], quoted(context.gitUrl))
    document.setIn(['spec', 'ref'], { branch: context.branch })
  } else if (kind === 'OCIRepository') {
    const tag = (spec['ref'] as { tag?: string } | undefined)?.tag ?? '1.0.0'
    const chart = lastSegment(url, metadata?.name)
    addChart(context, chart, chartVersion(tag))
    document.setIn(['spec', 'url'], quoted(`oci://${context.chartHost}/charts/${chart}`))
    document.setIn(['spec', 'ref'], { tag: quoted(tag) })
    document.setIn(['spec', 'insecure'], 'true')
  } else if (kind === 'HelmRepository') {
    const isOci = spec['type'] === 'oci'
    document.setIn(['spec', 'url'], quoted(`${isOci ? 'oci' : 'http'}://${context.chartHost}/charts`))
    if (isOci) document.setIn(['spec', 'insecure'], 'true')
  }
  context.leftOut.add('outward URL of a source rewritten to loopback')
  return true
}

function rewriteNotification(document: Document, { kind, spec = {} }: Fields, context: RewriteContext): boolean {
  if (kind === 'Receiver') {
    context.leftOut.add('Receiver (its token is somewhere else)')
    return false
  }
  if (kind === 'Alert' && Array.isArray(spec['eventSources'])) {
    // Newer or foreign controllers widen this list; the CRD of the tests knows these.
    keepItems(document, 'eventSources', spec, (source) => eventKinds.has(source.kind ?? ''), 'Alert', context)
    if (!document.hasIn(['spec', 'eventSources'])) return false
  }
  if (kind !== 'Provider' || spec['type'] === undefined) return true
  // SECURITY: the real notification-controller posts to these: nothing may leave the machine.
  drop(document, spec, ['secretRef', 'certSecretRef', 'proxySecretRef', 'proxy', 'channel'], 'Provider', context)
  document.setIn(['spec', 'type'], 'generic')
  document.setIn(['spec', 'address'], quoted(`http://${context.chartHost}/events`))
  context.leftOut.add('outward address of a Provider rewritten to loopback')
  return true
}

const eventKinds: ReadonlySet<string> = new Set([
  'Bucket',
  'GitRepository',
  'HelmChart',
  'HelmRelease',
  'HelmRepository',
  'Kustomization',
  'OCIRepository',
])

function keepDependencies(
  document: Document,
  spec: Readonly<Record<string, unknown>>,
  isKept: (name: string) => boolean,
  kind: string,
  context: RewriteContext,
): void {
  const isThere = ({ name = '' }: Item): boolean => name.includes('$') || isKept(name)
  const dependsOn = spec['dependsOn']
  if (Array.isArray(dependsOn)) dependsOn.forEach((_, at) => document.deleteIn(['spec', 'dependsOn', at, 'readyExpr']))
  keepItems(document, 'dependsOn', spec, isThere, kind, context)
}

interface Item {
  readonly kind?: string
  readonly name?: string
}

/** Removes the items of a list in spec that do not fit, and the list when none is left, but where components add to it. */
function keepItems(
  document: Document,
  field: string,
  spec: Readonly<Record<string, unknown>>,
  fits: (item: Item) => boolean,
  kind: string,
  context: RewriteContext,
): void {
  const items = spec[field]
  if (!Array.isArray(items)) return
  const isOut = (items as Item[]).map((item) => !fits(item))
  for (let at = items.length - 1; at >= 0; at--) if (isOut[at]) document.deleteIn(['spec', field, at])
  const count = isOut.filter(Boolean).length
  context.leftOut.add(`${kind} spec.${field}: item that cannot be had here`, count)
  if (count === items.length && field !== 'dependsOn') document.deleteIn(['spec', field])
}

/** A string that stays one for every reader of YAML. */
function quoted(text: string): Scalar {
  const scalar = new Scalar(text)
  scalar.type = Scalar.QUOTE_DOUBLE
  return scalar
}

function drop(
  document: Document,
  spec: Readonly<Record<string, unknown>>,
  names: readonly string[],
  kind: string,
  context: RewriteContext,
): void {
  for (const name of names) {
    if (spec[name] === undefined) continue
    document.deleteIn(['spec', name])
    context.leftOut.add(`${kind} spec.${name}`)
  }
}

function addChart(context: RewriteContext, name: string, version: string): void {
  const versions = context.charts.get(name) ?? new Set()
  context.charts.set(name, versions.add(version))
}

const lastSegment = (url: string, fallback = 'chart'): string => {
  const segment = url.replace(/\/+$/, '').split('/').at(-1) ?? ''
  return /^[a-z0-9][a-z0-9._-]*$/.test(segment)
    ? segment
    : fallback.toLowerCase().replaceAll(/[^a-z0-9-]/g, '') || 'chart'
}
