/** Label keys that say who owns an object, or how a controller is sharded. Semantics: flux-semantics §1.9, §2.6, §2.11. */

export const kustomizationLabels = {
  name: 'kustomize.toolkit.fluxcd.io/name',
  namespace: 'kustomize.toolkit.fluxcd.io/namespace',
} as const

export const helmReleaseLabels = {
  name: 'helm.toolkit.fluxcd.io/name',
  namespace: 'helm.toolkit.fluxcd.io/namespace',
} as const

export const resourceSetLabels = {
  name: 'resourceset.fluxcd.controlplane.io/name',
  namespace: 'resourceset.fluxcd.controlplane.io/namespace',
} as const

/** Labels of Helm's release storage Secrets. */
export const helmStorageLabels = { owner: 'owner', name: 'name', status: 'status', version: 'version' } as const
export const helmStorageSecretType = 'helm.sh/release.v1'

/** On Flux's own Deployments and CRDs: distribution version and component. */
export const versionLabel = 'app.kubernetes.io/version'
export const partOfLabel = 'app.kubernetes.io/part-of'

/** On GitRepositories and Kustomizations of the playground's sample fleet: pictures with a status written once, which nobody reconciles. Means nothing elsewhere. */
export const stillLabel = { key: 'sluice.dev/sample', value: 'still' } as const
