/** Desired sets for the tests of what is kept of them. */
import type { DesiredSet } from '../../../electron/engine/drift/desired-set.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { fromYaml } from '../status/yaml.ts'

export function desiredSet(
  owner: ObjectRef,
  revision: string,
  objects: readonly string[],
  sensitive: readonly (readonly (string | number)[])[] = [],
): DesiredSet {
  return {
    owner,
    controller: 'kustomize-controller',
    objects: objects.map((text) => ({
      object: fromYaml(text),
      origin: null,
      sensitive,
      unknown: '',
    })),
    stale: [],
    ignoreRules: [],
    isForced: false,
    overrideManagers: [],
    customStageKinds: [],
    target: { remote: null, impersonate: null },
    fidelity: {
      word: 'verified',
      digest: '',
      controllerDigest: '',
      revision,
      origin: 'storage',
      reasons: [],
      assumptions: [],
    },
    inputsKey: `${revision}${objects.join('')}`,
  }
}
