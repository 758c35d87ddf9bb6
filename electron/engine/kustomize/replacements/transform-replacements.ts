/**
 * Replacements: a field of one object, or a given text, written into fields of others.
 *
 * Owned by replacements/: sources, targets, and how values are cut and joined. Paths are paths/'s.
 * Semantics and texts: kustomize's ReplacementTransformer and its filter.
 */
import type { BuildContext } from '../build-context.ts'
import { BuildError, BuildPanic, wrapping } from '../build-error.ts'
import { isNilOrEmpty, textOf } from '../merge/list-elements.ts'
import { leaveOpen } from '../merge/scalar-style.ts'
import { lookup } from '../paths/lookup.ts'
import { splitPath } from '../paths/split-path.ts'
import { readBuildAnnotations, writeBuildAnnotations } from '../resource/build-annotations.ts'
import type { ResId } from '../resource/res-id.ts'
import { resIdIsSelected, resIdText } from '../resource/res-id.ts'
import type { ResMap, Selector } from '../resource/res-map.ts'
import type { Resource } from '../resource/resource.ts'
import type { LabelSelector } from '../selector/label-selector.ts'
import { parseLabelSelector } from '../selector/label-selector.ts'
import { regexCacheOf } from '../selector/regex.ts'
import type { RegexCache } from '../selector/regex.ts'
import type { CompiledSelector } from '../selector/selector.ts'
import { compileSelector } from '../selector/selector.ts'
import type { YamlNode } from '../yaml/node.ts'
import { getField, getMap, isNullNode, ScalarNode } from '../yaml/node.ts'
import type { FieldOptions } from './set-field.ts'
import { makeFieldPath, setFields } from './set-field.ts'

export interface ReplacementSource extends SelectedId {
  /** Default `metadata.name`. */
  readonly fieldPath: string
  readonly options: FieldOptions | null
}

/** Parts left '' select anything. */
export interface SelectedId {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

export interface ReplacementTarget {
  readonly select: Selector | null
  readonly reject: readonly (Selector | null)[] | null
  /** Default `metadata.name`. */
  readonly fieldPaths: readonly string[] | null
  readonly options: FieldOptions | null
}

export interface Replacement {
  readonly source: ReplacementSource | null
  readonly targets: readonly (ReplacementTarget | null)[] | null
  readonly sourceValue: string | null
}

export interface ReplacementsConfig {
  readonly replacements: readonly Replacement[]
}

const defaultFieldPath = 'metadata.name'

/** Makes the replacements in order, each seeing what those before it did. Throws BuildError TransformFailed with upstream's texts. */
export function transformReplacements(
  resources: ResMap,
  config: ReplacementsConfig,
  context: Pick<BuildContext, 'checkpoint'>,
): void {
  const run = new Run(resources, context, config.replacements.some(copiesAnnotations))
  for (const replacement of config.replacements) run.replace(replacement)
  run.finish()
  resources.dropEmpties()
  resources.reindex()
}

/** True if a path is all annotations or all metadata: what upstream remembers of an object there goes along. */
function copiesAnnotations({ source, targets }: Replacement): boolean {
  const paths = [source?.fieldPath ?? '', ...(targets ?? []).flatMap((target) => target?.fieldPaths ?? [])]
  return paths.some((path) => /^\.?metadata(\.annotations)?$/.test(path))
}

function fail(message: string): never {
  throw new BuildError('TransformFailed', message)
}

class Run {
  private readonly resources: readonly Resource[]
  private readonly context: Pick<BuildContext, 'checkpoint'>
  private readonly regexes: RegexCache
  /** Current and previous ids, until the resource is written to. */
  private readonly ids = new Map<Resource, readonly ResId[]>()
  /** Upstream's internal annotations are written out while this runs. */
  private readonly showsState: boolean

  constructor(resources: ResMap, context: Pick<BuildContext, 'checkpoint'>, showsState: boolean) {
    this.resources = resources.resources()
    this.context = context
    this.regexes = regexCacheOf(context)
    this.showsState = showsState
    if (showsState) for (const resource of this.resources) writeBuildAnnotations(resource)
  }

  finish(): void {
    if (this.showsState) for (const resource of this.resources) readBuildAnnotations(resource)
  }

  replace({ source, sourceValue, targets }: Replacement): void {
    this.context.checkpoint()
    if ((source === null && sourceValue === null) || targets === null) {
      fail('replacements must specify a source and at least one target')
    }
    if (source !== null && sourceValue !== null) fail('value and resource selectors are mutually exclusive')
    const value = source === null ? new ScalarNode(sourceValue!, '', 'plain', 0) : this.readSource(source)
    for (const target of targets) this.writeTarget(target, value)
  }

  private readSource(source: ReplacementSource): YamlNode {
    const resource = this.selectSource(source)
    const path = source.fieldPath || defaultFieldPath
    const node = wrapping('error looking up replacement source', () => lookup(resource.node, splitPath(path)))
    if (node === undefined || isNilOrEmpty(node)) {
      fail(`fieldPath \`${path}\` is missing for replacement source ${resIdText(source)}`)
    }
    return cutOut(node, source.options)
  }

  private selectSource(source: ReplacementSource): Resource {
    let found: Resource | null = null
    for (const resource of this.resources) {
      const ids = wrapping('error getting node IDs', () => this.idsOf(resource))
      if (!ids.some((id) => resIdIsSelected(id, source))) continue
      if (found !== null) fail(`multiple matches for selector ${sourceText(source)}`)
      found = resource
    }
    return found ?? fail(`nothing selected by ${sourceText(source)}`)
  }

  private writeTarget(target: ReplacementTarget | null, value: YamlNode): void {
    if (target === null || target.select === null) fail('target must specify resources to select')
    const paths = target.fieldPaths ?? []
    const fieldPaths = (paths.length === 0 ? [defaultFieldPath] : paths).map(makeFieldPath)
    const selection = wrapping('error creating target selector', () => new TargetSelection(target, this.regexes))
    for (const resource of this.resources) {
      if (!selection.matchesLabels(resource)) continue
      if (!selection.matchesIds(this.idsOf(resource))) continue
      this.context.checkpoint()
      this.ids.delete(resource)
      leaveNameOpen(resource)
      setFields(resource.node, fieldPaths, value, target.options, this.regexes)
      if (!this.showsState) continue
      readBuildAnnotations(resource)
      writeBuildAnnotations(resource)
    }
  }

  /** Scopes play no part here: upstream makes these ids without asking the schema. */
  private idsOf(resource: Resource): readonly ResId[] {
    let ids = this.ids.get(resource)
    if (ids === undefined) {
      const { group, version, kind } = resource.gvk
      const current = { group, version, kind, name: resource.name, namespace: resource.namespace }
      ids = [current, ...previousIds(resource)]
      this.ids.set(resource, ids)
    }
    return ids
  }
}

/** Alone among those who ask for them, replacements refuse ids that cannot be read. */
function previousIds(resource: Resource): readonly ResId[] {
  try {
    return resource.previous()
  } catch (error) {
    throw error instanceof BuildPanic ? new BuildError(error.code, error.message, error.place, error) : error
  }
}

/** A prefix or suffix leaves a name without a tag: a plain one becomes whatever the text put there says. */
function leaveNameOpen({ node, namePrefixes, nameSuffixes }: Resource): void {
  if (namePrefixes.length === 0 && nameSuffixes.length === 0) return
  const metadata = getMap(node, 'metadata')
  const name = metadata === null ? undefined : getField(metadata, 'name')
  if (name?.kind === 'scalar' && name.style === 'plain') leaveOpen(name)
}

class TargetSelection {
  private readonly select: CompiledSelector
  private readonly rejects: readonly CompiledSelector[]
  private readonly selectLabels: LabelMatcher
  private readonly rejectLabels: readonly LabelMatcher[]

  constructor(target: ReplacementTarget, regexes: RegexCache) {
    const rejects = (target.reject ?? []).filter((selector) => selector !== null)
    this.select = compileSelector(target.select!, regexes)
    this.rejects = rejects.map((selector) => compileSelector(selector, regexes)).filter(hasIdPart)
    this.selectLabels = new LabelMatcher(target.select!)
    this.rejectLabels = rejects.map((selector) => new LabelMatcher(selector)).filter((matcher) => !matcher.isEmpty)
  }

  /** A rejecting selector's labels reject by themselves, whatever else it asks for. */
  matchesLabels(resource: Resource): boolean {
    return this.selectLabels.matches(resource) && !this.rejectLabels.some((matcher) => matcher.matches(resource))
  }

  matchesIds(ids: readonly ResId[]): boolean {
    if (this.rejects.some((reject) => ids.some((id) => matchesId(reject, id)))) return false
    return ids.some((id) => matchesId(this.select, id))
  }
}

function matchesId(selector: CompiledSelector, id: ResId): boolean {
  return selector.matchesGvk(id) && selector.matchesName(id.name) && selector.matchesNamespace(id.namespace)
}

function hasIdPart({ selector }: CompiledSelector): boolean {
  const { group, version, kind, name, namespace } = selector
  return [group, version, kind, name, namespace].some((part) => part !== undefined && part !== '')
}

/** Annotations first, as upstream asks; a faulty selector is reported once an object is held against it. */
class LabelMatcher {
  private readonly labelText: string
  private readonly annotationText: string
  private labels: LabelSelector | null = null
  private annotations: LabelSelector | null = null

  constructor(selector: Selector) {
    this.labelText = selector.labelSelector ?? ''
    this.annotationText = selector.annotationSelector ?? ''
  }

  get isEmpty(): boolean {
    return this.labelText === '' && this.annotationText === ''
  }

  matches(resource: Resource): boolean {
    resource.requirePairs()
    if (this.isEmpty) return true
    this.annotations ??= parseLabelSelector(this.annotationText)
    this.labels ??= parseLabelSelector(this.labelText)
    return (
      (this.annotationText === '' || this.annotations.matches(resource.annotations())) &&
      (this.labelText === '' || this.labels.matches(resource.labels()))
    )
  }
}

/** The part of the source's text that the options name. */
function cutOut(node: YamlNode, options: FieldOptions | null): YamlNode {
  if (options === null || options.delimiter === '') return node
  if (node.kind !== 'scalar') fail('delimiter option can only be used with scalar nodes')
  const text = isNullNode(node) ? '' : textOf(node)
  const parts = text.split(options.delimiter)
  const part = options.index < 0 ? undefined : parts[options.index]
  if (part === undefined) fail(`options.index ${options.index} is out of bounds for value ${text}`)
  return new ScalarNode(part, node.tag, node.style, node.line)
}

/** `types.SourceSelector`'s text. */
function sourceText(source: ReplacementSource): string {
  const parts = [resIdText(source)]
  if (source.fieldPath !== '') parts.push(source.fieldPath)
  const { options } = source
  if (options !== null && (options.delimiter !== '' || options.create)) {
    parts.push(`${options.delimiter}(${options.index}), create=${options.create}`)
  }
  return parts.join(':')
}
