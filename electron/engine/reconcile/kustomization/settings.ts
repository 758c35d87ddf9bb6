/** What the controller's arguments would be: hosted mode runs with the defaults of kustomize-controller 1.9.4. Semantics: flux-semantics §2.14, its main.go. */
import type { ControllerSettings } from '../../drift/desired/controller-settings.ts'

export interface HostedSettings extends ControllerSettings {
  /** --requeue-dependency. */
  readonly requeueDependencyMs: number
  /** --interval-jitter-percentage. */
  readonly jitterPercent: number
  /** --concurrent-ssa. */
  readonly concurrency: number
  /** Gate AdditiveCELDependencyCheck. */
  readonly isDependencyCheckAdditive: boolean
}

export const hostedSettings: HostedSettings = {
  isStrict: true,
  defaultServiceAccount: '',
  overrideManagers: [],
  customStageKinds: [],
  isRemoteBaseAllowed: true,
  isCrossNamespaceAllowed: true,
  isExternalArtifactAllowed: false,
  sopsAgeSecret: null,
  assumptions: [],
  requeueDependencyMs: 30_000,
  jitterPercent: 5,
  concurrency: 4,
  isDependencyCheckAdditive: false,
}
