/**
 * Where objects come from and what changed them: the texts of `config.kubernetes.io/origin` and
 * `alpha.config.kubernetes.io/transformations`, and the clean-up of annotations at the end of a build.
 * Semantics: kustomize api resource.Origin, resmap and krusty.
 */
import { joinPath } from '../loader/paths.ts'
import type { Origin, Resource } from '../resource/resource.ts'
import { emitV3 } from '../yaml/emit-v3.ts'
import type { ScalarNode } from '../yaml/node.ts'
import { MapNode, SequenceNode, fieldIndex, getMap, makeString } from '../yaml/node.ts'

const originAnnotation = 'config.kubernetes.io/origin'
const transformationsAnnotation = 'alpha.config.kubernetes.io/transformations'

/** Annotations that kustomize keeps for itself; they are taken off whoever wrote them. */
const buildAnnotations: ReadonlySet<string> = new Set([
  ...[
    'previousKinds',
    'previousNames',
    'prefixes',
    'suffixes',
    'previousNamespaces',
    'allowNameChange',
    'allowKindChange',
    'refBy',
    'generatorBehavior',
    'needsHashSuffix',
    'path',
    'index',
    'seqindent',
    'id',
    'annotations-migration-resource-id',
  ].map((name) => `internal.config.kubernetes.io/${name}`),
  'config.kubernetes.io/path',
  'config.kubernetes.io/index',
  'config.k8s.io/id',
  'internal.config.kubernetes.io/helm-generated',
])

/** The origin of something that `path` names, seen from `origin`. */
export function appendOrigin(origin: Origin, path: string): Origin {
  return { ...origin, path: joinPath(origin.path ?? '', path) }
}

/** The origin of what a builtin generator or transformer of a kustomization file does. */
export function builtinOrigin(origin: Origin, fileName: string, kind: string): Origin {
  return {
    configuredIn: joinPath(origin.path ?? '', fileName),
    configuredBy: { apiVersion: 'builtin', kind, name: '', namespace: '' },
  }
}

/** The origin of what a plugin does that a resource configures; null where origins are not tracked. */
export function pluginOrigin(config: Resource): Origin | null {
  if (config.origin === null) return null
  const { apiVersion, kind, name, namespace } = config
  return { configuredIn: config.origin.path ?? '', configuredBy: { apiVersion, kind, name, namespace } }
}

/**
 * Notes what a transformer may have changed: all objects, as upstream has it; one without an origin is taken for its creation. Upstream
 * writes it among the annotations, which makes them anew: values that a transformer shares between maps are shared no longer.
 */
export function recordTransformation(resources: readonly Resource[], origin: Origin): void {
  for (const resource of resources) {
    if (resource.origin === null) resource.origin = origin
    else resource.transformations.push(origin)
    const annotations = resource.annotations()
    if (annotations.size > 0) resource.setAnnotations(annotations)
  }
}

export interface KeptAnnotations {
  readonly keepsOrigin: boolean
  readonly keepsTransformations: boolean
}

/**
 * Ends a build: internal annotations go, origin and transformations are written or taken off, and the values of annotations become strings
 * as a side effect that upstream's output shows.
 */
export function finishAnnotations(resources: readonly Resource[], kept: KeptAnnotations): void {
  const writesAny = kept.keepsOrigin || kept.keepsTransformations
  for (const resource of resources) {
    if (!writesAny && !hasAnnotations(resource)) continue
    const annotations = new Map(resource.annotations())
    for (const name of annotations.keys()) if (buildAnnotations.has(name)) annotations.delete(name)
    setOrDrop(
      annotations,
      originAnnotation,
      kept.keepsOrigin,
      resource.origin === null ? null : originText(resource.origin),
    )
    const { transformations } = resource
    setOrDrop(
      annotations,
      transformationsAnnotation,
      kept.keepsTransformations,
      transformations.length === 0 ? null : transformationsText(transformations),
    )
    resource.setAnnotations(annotations)
  }
}

function hasAnnotations({ node }: Resource): boolean {
  const metadata = getMap(node, 'metadata')
  return metadata !== null && fieldIndex(metadata, 'annotations') >= 0
}

/** A kept annotation that the build did not make stays as the file has it. */
function setOrDrop(annotations: Map<string, string>, name: string, isKept: boolean, text: string | null): void {
  if (!isKept) annotations.delete(name)
  else if (text !== null) annotations.set(name, text)
}

export function originText(origin: Origin): string {
  return emitV3(originNode(origin))
}

function transformationsText(transformations: readonly Origin[]): string {
  return emitV3(new SequenceNode(transformations.map(originNode)))
}

function originNode(origin: Origin): MapNode {
  const node = textMap({
    path: origin.path,
    repo: origin.repo,
    ref: origin.ref,
    configuredIn: origin.configuredIn,
  })
  if (origin.configuredBy !== undefined) {
    const configuredBy = textMap({ ...origin.configuredBy })
    if (configuredBy.keys.length > 0) {
      node.keys.push(makeString('configuredBy'))
      node.values.push(configuredBy)
    }
  }
  return node
}

function textMap(entries: Readonly<Record<string, string | undefined>>): MapNode {
  const given = Object.entries(entries).filter(([, text]) => text !== undefined && text !== '')
  return new MapNode(
    given.map(([name]) => makeString(name)),
    given.map(([, text]) => makeStructText(text!)),
  )
}

const oldBoolean = /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)$/
const base60Number = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/

/** A field of a Go struct: its encoder also quotes what YAML 1.1 would read as something else, which the encoder of nodes does not. */
function makeStructText(text: string): ScalarNode {
  const node = makeString(text)
  if (oldBoolean.test(text) || base60Number.test(text)) node.style = 'double'
  return node
}
