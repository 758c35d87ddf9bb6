/**
 * Reads what a kustomization adds to the default configuration: `configurations:` files, and name references, labels and annotations that
 * OpenAPI definitions under `crds:` declare. Which path leads where is the loader's business.
 *
 * Semantics: kustomize's MakeTransformerConfig and LoadConfigFromCRDs.
 */
import { wrapping } from '../build-error.ts'
import type { Loader } from '../loader/loader.ts'
import { decodeText, parseDocuments } from '../yaml/parse.ts'
import { readCrdConfig } from './crd-config.ts'
import { defaultTransformerConfig } from './default-config.ts'
import { readTransformerConfig } from './read-config.ts'
import type { TransformerConfig } from './transformer-config.ts'
import { emptyTransformerConfig, mergeTransformerConfigs } from './transformer-config.ts'

/** The default configuration with the files of `paths` merged in. Throws BuildError of the loader, the decoder or the merge. */
export function loadConfigurations(loader: Pick<Loader, 'read'>, paths: readonly string[]): TransformerConfig {
  if (paths.length === 0) return defaultTransformerConfig()
  let added = emptyTransformerConfig
  for (const path of paths) {
    const { bytes } = loader.read(path)
    const [document] = wrapping('error converting YAML to JSON', () =>
      parseDocuments(decodeText(bytes), { dialect: 'v2' }),
    )
    added = mergeTransformerConfigs(added, readTransformerConfig(document))
  }
  return mergeTransformerConfigs(defaultTransformerConfig(), added)
}

/** What the definitions in `paths` declare; empty for no paths. Throws BuildError. */
export function loadCrdConfigurations(loader: Pick<Loader, 'read'>, paths: readonly string[]): TransformerConfig {
  let config = emptyTransformerConfig
  for (const path of paths) {
    config = mergeTransformerConfigs(config, readCrdConfig(decodeText(loader.read(path).bytes), path))
  }
  return config
}
