/**
 * hand-over/: Flux's own controllers are installed and take over from hosted mode: manifests read and checked, a plan, leases passed on one by one.
 * Must not know how a reconciler works, or who looks. Semantics: flux install, 2.9.
 *
 * This file: manifests of Flux as `flux install --export` prints them, read strictly. Whatever is no part of an installation of Flux is refused by
 * name: they are applied with the user's own rights.
 */
import { partOfLabel, versionLabel } from '../../../../shared/flux/labels.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { fluxControllerNames } from '../../controllers/controller-names.ts'
import { imageVersion } from '../../controllers/controller-row.ts'
import { BuildError } from '../../kustomize/build-error.ts'
import { encodeJson } from '../../kustomize/yaml/go-json.ts'
import { parseDocuments } from '../../kustomize/yaml/parse.ts'
import { nodeToGoValue } from '../../kustomize/yaml/to-value.ts'
import { asArray, asRecord, asText, at, groupOf, labelOf, textAt, versionOf } from '../../status/read.ts'
import type { ManifestFile } from './manifests-port.ts'

export interface ManifestResource {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly isNamespaced: boolean
}

export interface Installation {
  /** `v2.9.5`; '' where nothing tells. */
  readonly version: string
  readonly namespace: string
  /** In the order of the text. */
  readonly objects: readonly KubeObject[]
  readonly definitions: readonly KubeObject[]
  readonly deployments: readonly { readonly name: string; readonly image: string; readonly object: KubeObject }[]
  /** ServiceAccounts that are bound to cluster-admin. */
  readonly clusterAdmins: readonly string[]
  /** Everything that was read, as one text. */
  readonly text: string
}

/** All that an installation of Flux consists of. */
const known: Readonly<Record<string, { readonly plural: string; readonly isNamespaced: boolean }>> = {
  'v1/Namespace': { plural: 'namespaces', isNamespaced: false },
  'v1/ServiceAccount': { plural: 'serviceaccounts', isNamespaced: true },
  'v1/Service': { plural: 'services', isNamespaced: true },
  'v1/ResourceQuota': { plural: 'resourcequotas', isNamespaced: true },
  'apps/v1/Deployment': { plural: 'deployments', isNamespaced: true },
  'networking.k8s.io/v1/NetworkPolicy': { plural: 'networkpolicies', isNamespaced: true },
  'rbac.authorization.k8s.io/v1/ClusterRole': { plural: 'clusterroles', isNamespaced: false },
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': { plural: 'clusterrolebindings', isNamespaced: false },
  'apiextensions.k8s.io/v1/CustomResourceDefinition': { plural: 'customresourcedefinitions', isNamespaced: false },
}
/** What a bootstrap adds of its own, and no manifests may bring. */
const bootstrapped: typeof known = {
  'v1/Secret': { plural: 'secrets', isNamespaced: true },
  'source.toolkit.fluxcd.io/v1/GitRepository': { plural: 'gitrepositories', isNamespaced: true },
  'kustomize.toolkit.fluxcd.io/v1/Kustomization': { plural: 'kustomizations', isNamespaced: true },
}
const definitionGroups: ReadonlySet<string> = new Set([
  'source.toolkit.fluxcd.io',
  'kustomize.toolkit.fluxcd.io',
  'helm.toolkit.fluxcd.io',
  'notification.toolkit.fluxcd.io',
  'image.toolkit.fluxcd.io',
  'source.extensions.fluxcd.io',
])
const controllers: ReadonlySet<string> = new Set(fluxControllerNames)
const volumeKinds: ReadonlySet<string> = new Set(['emptyDir', 'configMap', 'secret', 'projected', 'downwardAPI'])
const kustomizationFiles: ReadonlySet<string> = new Set(['kustomization.yaml', 'kustomization.yml'])
/** What the folder of a bootstrapped cluster holds beside its own source and Kustomization. */
const componentsFile = 'gotk-components.yaml'
const maxObjects = 500

/** Throws SluiceError Invalid, naming the file and the object. */
export function readManifests(files: readonly ManifestFile[], label: string): Installation {
  const chosen = choose(files, label)
  const objects = chosen.flatMap((file) => readFile(file))
  if (objects.length > maxObjects) throw refuse(label, `it holds more than ${String(maxObjects)} objects`)
  const seen = new Set<string>()
  for (const object of objects) {
    const key = titleOf(object)
    if (seen.has(key)) throw refuse(label, `${key} is in it twice`)
    seen.add(key)
  }
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)
  const [namespace] = namespaces
  if (namespace === undefined || namespaces.length > 1)
    throw refuse(label, `it creates ${namespace === undefined ? 'no namespace' : 'several namespaces'}`)
  for (const object of objects) checkObject(object, namespace, label)
  const accounts = new Set(objects.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name))
  const deployments = objects
    .filter(({ kind }) => kind === 'Deployment')
    .map((object) => ({ name: object.metadata.name, image: checkDeployment(object, accounts, label), object }))
  for (const name of ['source-controller', 'kustomize-controller'])
    if (!deployments.some((each) => each.name === name)) throw refuse(label, `${name} is missing`)
  const definitions = objects.filter(({ kind }) => kind === 'CustomResourceDefinition')
  return {
    version: versionIn(objects, deployments),
    namespace,
    objects,
    definitions,
    deployments,
    clusterAdmins: adminsIn(objects),
    text: chosen.map(({ text }) => text).join('---\n'),
  }
}

/** Where the API server serves an object that `readManifests` let through, or that a bootstrap adds. */
export function resourceOf(object: Pick<KubeObject, 'apiVersion' | 'kind'>): ManifestResource {
  const name = `${object.apiVersion}/${object.kind}`
  const found = known[name] ?? bootstrapped[name]
  if (found === undefined) throw new SluiceError('Internal', `${object.kind} is no part of Flux`)
  return { group: groupOf(object.apiVersion), version: versionOf(object.apiVersion), ...found }
}

export function titleOf({ kind, metadata }: KubeObject): string {
  return metadata.namespace === undefined
    ? `${kind} ${metadata.name}`
    : `${kind} ${metadata.namespace}/${metadata.name}`
}

/** Of a folder of a bootstrapped cluster the components alone; of another one everything, unless something would have to be built first. */
function choose(files: readonly ManifestFile[], label: string): readonly ManifestFile[] {
  const components = files.find(({ name }) => name === componentsFile)
  const kustomization = files.find(({ name }) => kustomizationFiles.has(name))
  if (kustomization !== undefined && !isPlainList(kustomization))
    throw refuse(
      label,
      `${kustomization.name} changes what is beside it`,
      'Choose a file with what `kustomize build` prints.',
    )
  if (components !== undefined) return [components]
  const rest = files.filter(({ name }) => !kustomizationFiles.has(name))
  if (rest.length === 0) throw refuse(label, 'it holds no YAML files')
  return rest
}

function isPlainList(file: ManifestFile): boolean {
  const plain = new Set(['apiVersion', 'kind', 'resources'])
  return parse(file).every((value) => Object.keys(asRecord(value)).every((key) => plain.has(key)))
}

function parse({ name, text }: ManifestFile): unknown[] {
  try {
    return parseDocuments(text).map((node) => JSON.parse(encodeJson(nodeToGoValue(node))) as unknown)
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    throw refuse(name, error.message)
  }
}

function readFile(file: ManifestFile): KubeObject[] {
  return parse(file).map((value, index) => {
    const { apiVersion, kind, metadata } = asRecord(value)
    const place = `document ${String(index + 1)}`
    const title = `${asText(kind)} ${textAt(metadata, 'name')}`.trim()
    if (asText(apiVersion) === '' || asText(kind) === '' || textAt(metadata, 'name') === '')
      throw refuse(file.name, `${title === '' ? place : `${place} (${title})`} is no Kubernetes object`)
    if (known[`${asText(apiVersion)}/${asText(kind)}`] === undefined)
      throw refuse(file.name, `${title} (${asText(apiVersion)}) is no part of an installation of Flux`)
    return value as KubeObject
  })
}

function checkObject(object: KubeObject, namespace: string, label: string): void {
  const title = titleOf(object)
  const { isNamespaced } = resourceOf(object)
  const own = object.metadata.namespace
  if (isNamespaced && own !== namespace) throw refuse(label, `${title} is not in ${namespace}`)
  if (!isNamespaced && own !== undefined) throw refuse(label, `${title} has a namespace`)
  if (object.kind === 'CustomResourceDefinition') {
    const group = textAt(object, 'spec', 'group')
    if (!definitionGroups.has(group)) throw refuse(label, `${title} is not one of Flux’s kinds`)
    if (object.metadata.name !== `${textAt(object, 'spec', 'names', 'plural')}.${group}`)
      throw refuse(label, `${title} does not define what its name says`)
  }
  if (object.kind === 'ClusterRoleBinding')
    for (const subject of asArray(object['subjects']))
      if (textAt(subject, 'kind') !== 'ServiceAccount' || textAt(subject, 'namespace') !== namespace)
        throw refuse(label, `${title} gives rights to ${textAt(subject, 'kind')} ${textAt(subject, 'name')}`)
}

/** SECURITY: item 12: what it would run is one container of that controller, with nothing of the node's. Answers its image. */
function checkDeployment(object: KubeObject, accounts: ReadonlySet<string>, label: string): string {
  const title = titleOf(object)
  const { name } = object.metadata
  if (!controllers.has(name)) throw refuse(label, `${title} is none of Flux’s controllers`)
  const spec = at(object, 'spec', 'template', 'spec')
  const containers = asArray(at(spec, 'containers'))
  const [container] = containers
  if (containers.length !== 1 || asArray(at(spec, 'initContainers')).length > 0)
    throw refuse(label, `${title} has other containers than its own`)
  const image = textAt(container, 'image')
  const repository = (image.split('@')[0] ?? '').replace(/:[^/:]*$/, '')
  if (repository.split('/').at(-1) !== name) throw refuse(label, `${title} runs ${image}`)
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC'])
    if (at(spec, field) === true) throw refuse(label, `${title} wants ${field}`)
  if (at(container, 'securityContext', 'privileged') === true) throw refuse(label, `${title} wants to be privileged`)
  for (const volume of asArray(at(spec, 'volumes')))
    for (const kind of Object.keys(asRecord(volume)))
      if (kind !== 'name' && !volumeKinds.has(kind)) throw refuse(label, `${title} has a volume of kind ${kind}`)
  const account = textAt(spec, 'serviceAccountName')
  if (!accounts.has(account)) throw refuse(label, `${title} runs as ${account || 'default'}, which is not in it`)
  return image
}

export function argumentsOf(deployment: KubeObject): readonly string[] {
  const [container] = asArray(at(deployment, 'spec', 'template', 'spec', 'containers'))
  return asArray(at(container, 'args')).map(asText)
}

function versionIn(objects: readonly KubeObject[], deployments: Installation['deployments']): string {
  for (const object of objects)
    if (labelOf(object, partOfLabel) === 'flux') {
      const version = labelOf(object, versionLabel)
      if (version !== '') return version
    }
  const [first] = deployments
  return first === undefined ? '' : imageVersion(first.image)
}

function adminsIn(objects: readonly KubeObject[]): readonly string[] {
  const bindings = objects.filter(
    (object) => object.kind === 'ClusterRoleBinding' && textAt(object, 'roleRef', 'name') === 'cluster-admin',
  )
  return [...new Set(bindings.flatMap((each) => asArray(each['subjects']).map((subject) => textAt(subject, 'name'))))]
}

function refuse(label: string, why: string, remedy?: string): SluiceError {
  return new SluiceError('Invalid', `${label}: ${why}`, {
    remedy:
      remedy ?? 'Choose what `flux install --export` prints, or the gotk-components.yaml of a bootstrapped cluster.',
  })
}
