/** Decodes a transformer configuration file, strictly as upstream does: unknown fields are errors. */
import type { FieldSpecArgs } from '../kustomization/types.ts'
import { fieldSpecShape } from '../kustomization/types.ts'
import type { Shape } from '../kustomization/go-decode.ts'
import { decodeConfigStrict, field, list, struct, text } from '../kustomization/go-decode.ts'
import type { YamlNode } from '../yaml/node.ts'
import type { TransformerConfig } from './transformer-config.ts'
import { sortTransformerConfig } from './transformer-config.ts'

interface NameReferenceArgs {
  group: string
  version: string
  kind: string
  fieldSpecs: FieldSpecArgs[] | null
}

type ConfigArgs = {
  [K in keyof TransformerConfig]: (K extends 'nameReference' ? NameReferenceArgs : FieldSpecArgs)[] | null
}

const fieldSpecs = field(list(fieldSpecShape, 'types.FsSlice'))

const configShape: Shape<ConfigArgs> = struct<ConfigArgs>('builtinconfig.TransformerConfig', {
  namePrefix: fieldSpecs,
  nameSuffix: fieldSpecs,
  namespace: fieldSpecs,
  commonLabels: fieldSpecs,
  labels: fieldSpecs,
  templateLabels: fieldSpecs,
  commonAnnotations: fieldSpecs,
  nameReference: field(
    list(
      struct<NameReferenceArgs>('builtinconfig.NameBackReferences', {
        group: field(text, 'Gvk'),
        version: field(text, 'Gvk'),
        kind: field(text, 'Gvk'),
        fieldSpecs,
      }),
      'builtinconfig.nbrSlice',
    ),
  ),
  varReference: fieldSpecs,
  images: fieldSpecs,
  replicas: fieldSpecs,
})

/** The configuration that a document holds, sorted; an absent document is an empty one. Throws BuildError InvalidKustomization. */
export function readTransformerConfig(document: YamlNode | undefined): TransformerConfig {
  const args = decodeConfigStrict(document, configShape)
  return sortTransformerConfig({
    namePrefix: args.namePrefix ?? [],
    nameSuffix: args.nameSuffix ?? [],
    namespace: args.namespace ?? [],
    commonLabels: args.commonLabels ?? [],
    labels: args.labels ?? [],
    templateLabels: args.templateLabels ?? [],
    commonAnnotations: args.commonAnnotations ?? [],
    nameReference: (args.nameReference ?? []).map(({ fieldSpecs: specs, ...gvk }) => ({
      ...gvk,
      referrers: specs ?? [],
    })),
    varReference: args.varReference ?? [],
    images: args.images ?? [],
    replicas: args.replicas ?? [],
  })
}
