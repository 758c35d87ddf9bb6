/** API groups that Flux, Flux Operator and Flagger serve. */
export const sourceGroup = 'source.toolkit.fluxcd.io'
export const sourceExtensionsGroup = 'source.extensions.fluxcd.io'
export const kustomizeGroup = 'kustomize.toolkit.fluxcd.io'
export const helmGroup = 'helm.toolkit.fluxcd.io'
export const notificationGroup = 'notification.toolkit.fluxcd.io'
export const imageGroup = 'image.toolkit.fluxcd.io'
export const operatorGroup = 'fluxcd.controlplane.io'
export const flaggerGroup = 'flagger.app'
