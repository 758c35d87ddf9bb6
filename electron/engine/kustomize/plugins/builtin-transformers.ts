/**
 * Builtin transformers with their configurations checked and their files loaded, ready to run: upstream configures all of a kustomization
 * before the first one runs, so faults of configuration come first.
 * Semantics: kustomize api internal/builtins.
 */
import { transformAnnotations } from '../annotations/transform-annotations.ts'
import type { BuildContext } from '../build-context.ts'
import { BuildError } from '../build-error.ts'
import { contentHash } from '../hash/content-hash.ts'
import { transformImages } from '../images/transform-images.ts'
import { transformLabels } from '../labels/transform-labels.ts'
import { transformPrefix, transformSuffix } from '../name-affix/transform-name-affix.ts'
import { readRoleBindingSubjects, transformNamespace } from '../namespace/transform-namespace.ts'
import { transformReplicas } from '../replicas/transform-replicas.ts'
import type { ResMap } from '../resource/res-map.ts'
import type {
  AnnotationsArgs,
  ImageTagArgs,
  LabelsArgs,
  NamespaceArgs,
  PrefixArgs,
  ReplicaCountArgs,
  SuffixArgs,
} from './config-shapes.ts'
import type { Transform } from './plugin.ts'

interface Configured {
  readonly transform: Transform
}

export function makeAnnotations({ annotations, fieldSpecs }: AnnotationsArgs, context: BuildContext): Configured {
  const config = { annotations: annotations ?? new Map<string, string>(), fieldSpecs: fieldSpecs ?? [] }
  return { transform: (resources) => transformAnnotations(resources, config, context) }
}

export function makeLabels({ labels, fieldSpecs }: LabelsArgs, context: BuildContext): Configured {
  const config = { labels: labels ?? new Map<string, string>(), fieldSpecs: fieldSpecs ?? [] }
  return { transform: (resources) => transformLabels(resources, config, context) }
}

/** Throws BuildError InvalidKustomization for an unknown mode of role binding subjects. */
export function makeNamespace(args: NamespaceArgs, context: BuildContext): Configured {
  const config = {
    namespace: args.metadata.namespace,
    fieldSpecs: args.fieldSpecs ?? [],
    unsetOnly: args.unsetOnly,
    setRoleBindingSubjects: readRoleBindingSubjects(args.setRoleBindingSubjects),
  }
  return { transform: (resources) => transformNamespace(resources, config, context) }
}

/** Throws BuildError InvalidKustomization without field specs. */
export function makePrefix({ prefix, fieldSpecs }: PrefixArgs, context: BuildContext): Configured {
  const config = { prefix, fieldSpecs: required(fieldSpecs) }
  return { transform: (resources) => transformPrefix(resources, config, context) }
}

/** Throws BuildError InvalidKustomization without field specs. */
export function makeSuffix({ suffix, fieldSpecs }: SuffixArgs, context: BuildContext): Configured {
  const config = { suffix, fieldSpecs: required(fieldSpecs) }
  return { transform: (resources) => transformSuffix(resources, config, context) }
}

function required<T>(fieldSpecs: T[] | null): T[] {
  if (fieldSpecs === null) throw new BuildError('InvalidKustomization', 'fieldSpecs is not expected to be nil')
  return fieldSpecs
}

export function makeImageTag({ imageTag, fieldSpecs }: ImageTagArgs, context: BuildContext): Configured {
  const config = { imageTag, fieldSpecs: fieldSpecs ?? [] }
  return { transform: (resources) => transformImages(resources, config, context) }
}

export function makeReplicaCount({ replica, fieldSpecs }: ReplicaCountArgs, context: BuildContext): Configured {
  const config = { replica, fieldSpecs: fieldSpecs ?? [] }
  return { transform: (resources) => transformReplicas(resources, config, context) }
}

export function makeHash(): Configured {
  return { transform: addHashSuffixes }
}

/** Adds the content hash to the names of the objects that ask for it. Throws BuildError NotSupported for kinds without a content hash. */
export function addHashSuffixes(resources: ResMap): void {
  let hasRenamed = false
  for (const resource of resources.resources()) {
    if (!resource.needsHashSuffix) continue
    const hash = contentHash(resource)
    resource.storePreviousId()
    resource.setName(`${resource.name}-${hash}`)
    hasRenamed = true
  }
  if (hasRenamed) resources.reindex()
}
