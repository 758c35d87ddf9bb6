/** What a Kustomization wants its cluster to be, as tests of the comparison and of the apply give it. */
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { DesiredSet } from '../../../electron/engine/drift/desired-set.ts'

/** kustomize-controller's, for `flux/apps`, with nothing special; `more` takes the place of any of it. */
export function toDesiredSet(objects: readonly KubeObject[], more: Partial<DesiredSet> = {}): DesiredSet {
  return {
    owner: {
      cluster: 'test',
      group: 'kustomize.toolkit.fluxcd.io',
      kind: 'Kustomization',
      namespace: 'flux',
      name: 'apps',
    },
    controller: 'kustomize-controller',
    objects: objects.map((object) => ({ object, origin: null, sensitive: [], unknown: '' })),
    stale: [],
    ignoreRules: [],
    isForced: false,
    overrideManagers: [],
    customStageKinds: [],
    target: { remote: null, impersonate: null },
    fidelity: {
      word: 'none',
      digest: '',
      controllerDigest: '',
      revision: '',
      origin: 'folder',
      reasons: [],
      assumptions: [],
    },
    inputsKey: '',
    ...more,
  }
}
