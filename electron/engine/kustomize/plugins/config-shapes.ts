/** The configurations of builtin plugins, as files under `generators:`, `transformers:` and `validators:` hold them. Semantics: kustomize api internal/builtins. */
import { bool, field, integer, list, mapOf, namedText, pointer, struct, text } from '../kustomization/go-decode.ts'
import type {
  ConfigMapArgs,
  FieldSpecArgs,
  Image,
  ObjectMeta,
  PatchOptions,
  Replica,
  ReplacementField,
  SecretArgs,
  SelectorArgs,
} from '../kustomization/types.ts'
import {
  fieldSpecShape,
  generatorOptionsShape,
  imageShape,
  objectMetaShape,
  patchOptionsShape,
  replacementFieldShape,
  replicaShape,
  selectorShape,
} from '../kustomization/types.ts'

export interface AnnotationsArgs {
  annotations: Map<string, string> | null
  fieldSpecs: FieldSpecArgs[] | null
}

export const annotationsShape = struct<AnnotationsArgs>('builtins.AnnotationsTransformerPlugin', {
  annotations: field(mapOf(text)),
  fieldSpecs: field(list(fieldSpecShape)),
})

export interface LabelsArgs {
  labels: Map<string, string> | null
  fieldSpecs: FieldSpecArgs[] | null
}

export const labelsShape = struct<LabelsArgs>('builtins.LabelTransformerPlugin', {
  labels: field(mapOf(text)),
  fieldSpecs: field(list(fieldSpecShape)),
})

export interface NamespaceArgs {
  metadata: ObjectMeta
  fieldSpecs: FieldSpecArgs[] | null
  unsetOnly: boolean
  setRoleBindingSubjects: string
}

export const namespaceShape = struct<NamespaceArgs>('builtins.NamespaceTransformerPlugin', {
  metadata: field(objectMetaShape, 'ObjectMeta'),
  fieldSpecs: field(list(fieldSpecShape)),
  unsetOnly: field(bool),
  setRoleBindingSubjects: field(namedText('namespace.RoleBindingSubjectMode')),
})

export interface PrefixArgs {
  prefix: string
  fieldSpecs: FieldSpecArgs[] | null
}

export const prefixShape = struct<PrefixArgs>('builtins.PrefixTransformerPlugin', {
  prefix: field(text),
  fieldSpecs: field(list(fieldSpecShape, 'types.FsSlice')),
})

export interface SuffixArgs {
  suffix: string
  fieldSpecs: FieldSpecArgs[] | null
}

export const suffixShape = struct<SuffixArgs>('builtins.SuffixTransformerPlugin', {
  suffix: field(text),
  fieldSpecs: field(list(fieldSpecShape, 'types.FsSlice')),
})

export interface ImageTagArgs {
  imageTag: Image
  fieldSpecs: FieldSpecArgs[] | null
}

export const imageTagShape = struct<ImageTagArgs>('builtins.ImageTagTransformerPlugin', {
  imageTag: field(imageShape),
  fieldSpecs: field(list(fieldSpecShape)),
})

export interface ReplicaCountArgs {
  replica: Replica
  fieldSpecs: FieldSpecArgs[] | null
}

export const replicaCountShape = struct<ReplicaCountArgs>('builtins.ReplicaCountTransformerPlugin', {
  replica: field(replicaShape),
  fieldSpecs: field(list(fieldSpecShape)),
})

export interface StrategicMergeArgs {
  paths: string[] | null
  patches: string
}

export const strategicMergeShape = struct<StrategicMergeArgs>('builtins.PatchStrategicMergeTransformerPlugin', {
  paths: field(list(namedText('types.PatchStrategicMerge'))),
  patches: field(text),
})

export interface PatchArgs {
  path: string
  patch: string
  target: SelectorArgs | null
  options: PatchOptions | null
}

export const patchArgsShape = struct<PatchArgs>('builtins.PatchTransformerPlugin', {
  path: field(text),
  patch: field(text),
  target: field(pointer(selectorShape)),
  options: field(pointer(patchOptionsShape)),
})

export interface Json6902Args {
  target: SelectorArgs | null
  path: string
  jsonOp: string
}

export const json6902Shape = struct<Json6902Args>('builtins.PatchJson6902TransformerPlugin', {
  target: field(pointer(selectorShape)),
  path: field(text),
  jsonOp: field(text),
})

export interface ReplacementsArgs {
  replacements: ReplacementField[] | null
}

export const replacementsShape = struct<ReplacementsArgs>('builtins.ReplacementTransformerPlugin', {
  replacements: field(list(replacementFieldShape)),
})

export interface ValueAddTargetArgs {
  selector: SelectorArgs | null
  fieldPath: string
  filePathPosition: number
}

export interface ValueAddArgs {
  value: string
  targets: ValueAddTargetArgs[] | null
  targetFilePath: string
}

const valueAddTargetShape = struct<ValueAddTargetArgs>('builtins.Target', {
  selector: field(pointer(selectorShape)),
  fieldPath: field(text),
  filePathPosition: field(integer('int')),
})

export const valueAddShape = struct<ValueAddArgs>('builtins.ValueAddTransformerPlugin', {
  value: field(text),
  targets: field(list(valueAddTargetShape)),
  targetFilePath: field(text),
})

/** What a value-add's target file holds. */
export const valueAddFileShape = struct<{ targets: ValueAddTargetArgs[] | null }>(
  'struct { Targets []builtins.Target }',
  {
    targets: field(list(valueAddTargetShape)),
  },
)

export interface IamPolicyArgs {
  cloud: string
  kubernetesService: { name: string; namespace: string }
  serviceAccount: { name: string; projectId: string }
}

export const iamPolicyShape = struct<IamPolicyArgs>('builtins.IAMPolicyGeneratorPlugin', {
  cloud: field(namedText('types.Cloud'), 'IAMPolicyGeneratorArgs'),
  kubernetesService: field(
    struct<{ name: string; namespace: string }>('KubernetesService', { name: field(text), namespace: field(text) }),
    'IAMPolicyGeneratorArgs',
  ),
  serviceAccount: field(
    struct<{ name: string; projectId: string }>('ServiceAccount', { name: field(text), projectId: field(text) }),
    'IAMPolicyGeneratorArgs',
  ),
})

const generatorFields = {
  metadata: field(objectMetaShape, 'ObjectMeta'),
  namespace: field(text, 'ConfigMapArgs', 'GeneratorArgs'),
  name: field(text, 'ConfigMapArgs', 'GeneratorArgs'),
  behavior: field(text, 'ConfigMapArgs', 'GeneratorArgs'),
  literals: field(list(text), 'ConfigMapArgs', 'GeneratorArgs', 'KvPairSources'),
  files: field(list(text), 'ConfigMapArgs', 'GeneratorArgs', 'KvPairSources'),
  envs: field(list(text), 'ConfigMapArgs', 'GeneratorArgs', 'KvPairSources'),
  env: field(text, 'ConfigMapArgs', 'GeneratorArgs', 'KvPairSources'),
  options: field(pointer(generatorOptionsShape), 'ConfigMapArgs', 'GeneratorArgs'),
}

export const configMapGeneratorShape = struct<ConfigMapArgs & { metadata: ObjectMeta }>(
  'builtins.ConfigMapGeneratorPlugin',
  generatorFields,
)

export const secretGeneratorShape = struct<SecretArgs & { metadata: ObjectMeta }>('builtins.SecretGeneratorPlugin', {
  ...generatorFields,
  type: field(text, 'SecretArgs'),
})
