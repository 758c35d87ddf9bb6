/** Names of Flux's own controllers: of their Deployments, and of the programs in them. Semantics: Flux 2.9. */
export const fluxControllerNames = [
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'notification-controller',
  'image-reflector-controller',
  'image-automation-controller',
  'source-watcher',
] as const
