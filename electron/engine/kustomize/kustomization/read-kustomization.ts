/**
 * Finds, decodes, fixes up and checks the kustomization file of a directory.
 * Semantics: kustomize api internal/target (Load) and types (Unmarshal, CheckDeprecatedFields, FixKustomization, CheckEmpty, EnforceFields).
 */
import { BuildError } from '../build-error.ts'
import type { LoadedFile, Loader } from '../loader/loader.ts'
import { decodeText, parseDocuments } from '../yaml/parse.ts'
import { decodeStrict } from './go-decode.ts'
import type { HelmChart, HelmChartArgs, Kustomization } from './types.ts'
import { kustomizationShape } from './types.ts'

/** The names under which a kustomization file is found; a directory must hold exactly one. */
export const kustomizationFileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

export interface ReadKustomization {
  readonly kustomization: Kustomization
  /** Its name in the directory. */
  readonly fileName: string
  /** Absolute path. */
  readonly path: string
}

/** Reads the kustomization of the loader's directory; warns of deprecated fields. Throws BuildError naming the file. */
export function readKustomization(loader: Loader): ReadKustomization {
  const { fileName, file } = findFile(loader)
  const kustomization = parseKustomization(file)
  for (const message of deprecations(kustomization)) loader.context.warn(message)
  fixKustomization(kustomization)
  if (isEmpty(kustomization))
    throw new BuildError('InvalidKustomization', 'kustomization.yaml is empty', { file: file.path })
  const faults = enforceFields(kustomization)
  if (faults.length > 0)
    throw new BuildError(
      'InvalidKustomization',
      `Failed to read kustomization file under ${loader.root}:\n${faults.join('\n')}`,
      { file: file.path },
    )
  return { kustomization, fileName, path: file.path }
}

/** Decodes a kustomization file, without fix-ups or checks. Throws BuildError InvalidKustomization, InvalidYaml. */
export function parseKustomization(file: LoadedFile): Kustomization {
  try {
    const [document] = parseDocuments(decodeText(file.bytes), { dialect: 'v2', mergesKeys: true })
    return decodeStrict(document, kustomizationShape)
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    throw new BuildError(
      error.code,
      `invalid Kustomization: ${error.message}`,
      { ...error.place, file: file.path },
      error,
    )
  }
}

function findFile(loader: Loader): { fileName: string; file: LoadedFile } {
  const found = kustomizationFileNames.filter((name) => loader.has(name))
  const [fileName] = found
  if (fileName === undefined)
    throw new BuildError(
      'FileNotFound',
      `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${loader.root}'`,
      { file: loader.root },
    )
  if (found.length > 1)
    throw new BuildError('InvalidKustomization', `Found multiple kustomization files under: ${loader.root}\n`, {
      file: loader.root,
    })
  return { fileName, file: loader.read(fileName) }
}

const runEditFix = "Run 'kustomize edit fix' to update your Kustomization automatically."

function deprecations(k: Kustomization): string[] {
  const messages: string[] = []
  const warn = (old: string, better: string, prefix = ''): void => {
    messages.push(`# Warning: '${old}' is deprecated. Please use '${better}' instead. ${prefix}${runEditFix}`)
  }
  if (k.bases !== null) warn('bases', 'resources')
  if (k.commonLabels !== null) warn('commonLabels', 'labels')
  if (k.imageTags !== null) warn('imageTags', 'images')
  if (k.patchesJson6902 !== null) warn('patchesJson6902', 'patches')
  if (k.patchesStrategicMerge !== null) warn('patchesStrategicMerge', 'patches')
  if (k.vars !== null) warn('vars', 'replacements', '[EXPERIMENTAL] ')
  return messages
}

/** Fills in kind and apiVersion and moves what older fields hold to the newer ones. */
export function fixKustomization(k: Kustomization): void {
  if (k.kind === '') k.kind = 'Kustomization'
  if (k.apiVersion === '') k.apiVersion = requiredVersion(k.kind)
  k.resources = appendList(k.resources, k.bases)
  k.bases = null
  k.images = appendList(k.images, k.imageTags)
  k.imageTags = null
  for (const generator of [...(k.configMapGenerator ?? []), ...(k.secretGenerator ?? [])]) {
    if (generator.env === '') continue
    generator.envs = [...(generator.envs ?? []), generator.env]
    generator.env = ''
  }
  const old = k.helmChartInflationGenerator
  if (old !== null) {
    const chartHome = old.findLast((args) => args.chartHome !== '')?.chartHome ?? ''
    const configHome = old.findLast((args) => args.helmHome !== '')?.helmHome ?? ''
    if (k.helmGlobals === null && (chartHome !== '' || configHome !== '')) k.helmGlobals = { chartHome, configHome }
    k.helmCharts = appendList(k.helmCharts, old.map(chartOf))
  }
  k.helmChartInflationGenerator = null
}

function requiredVersion(kind: string): string {
  return kind === 'Component' ? 'kustomize.config.k8s.io/v1alpha1' : 'kustomize.config.k8s.io/v1beta1'
}

/** Go's append: nil stays nil while nothing is added. */
function appendList<T>(base: T[] | null, added: readonly T[] | null): T[] | null {
  return added === null || added.length === 0 ? base : [...(base ?? []), ...added]
}

function chartOf(old: HelmChartArgs): HelmChart {
  return {
    name: old.chartName,
    version: old.chartVersion,
    repo: old.chartRepoUrl,
    releaseName: old.releaseName,
    namespace: '',
    additionalValuesFiles: null,
    valuesFile: old.values,
    valuesInline: old.valuesLocal,
    valuesMerge: old.valuesMerge,
    includeCRDs: false,
    skipHooks: false,
    apiVersions: null,
    kubeVersion: '',
    nameTemplate: '',
    skipTests: false,
    debug: false,
    devel: false,
  }
}

/** Nothing but kind and apiVersion; an empty list that was written counts as something. */
function isEmpty(k: Kustomization): boolean {
  return Object.entries(k).every(
    ([name, value]) => name === 'kind' || name === 'apiVersion' || value === null || value === '',
  )
}

function enforceFields(k: Kustomization): string[] {
  const faults: string[] = []
  if (k.kind !== 'Kustomization' && k.kind !== 'Component') faults.push('kind should be Kustomization or Component')
  const version = requiredVersion(k.kind)
  if (k.apiVersion !== version) faults.push(`apiVersion for ${k.kind} should be ${version}`)
  return faults
}
