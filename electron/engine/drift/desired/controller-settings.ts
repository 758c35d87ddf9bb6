/** What the arguments and the version of kustomize-controller decide. Semantics: flux-semantics §2.7, §2.14, §8; its main.go at 1.9.4. */
import type { ControllerRow } from '../../../../shared/model/rows.ts'
import { controllerOf, featureGates, flagValues, isFlagOn, unreadArguments } from '../../controllers/controller-of.ts'
import { flagValue } from '../../controllers/controller-row.ts'
import type { KubeObject } from '../../clusters/view.ts'

export interface ControllerSettings {
  /** Missing variables are errors: the default since 1.9. */
  readonly isStrict: boolean
  readonly defaultServiceAccount: string
  readonly overrideManagers: readonly string[]
  readonly customStageKinds: readonly { readonly group: string; readonly kind: string }[]
  readonly isRemoteBaseAllowed: boolean
  readonly isCrossNamespaceAllowed: boolean
  /** null: not known. */
  readonly isExternalArtifactAllowed: boolean | null
  /** Secret that stands for a missing spec.decryption.secretRef. */
  readonly sopsAgeSecret: { readonly namespace: string; readonly name: string } | null
  /** Sentences. */
  readonly assumptions: readonly string[]
}

const name = 'kustomize-controller'

/** Of the controller that reconciles `object`: among shards the one whose label selector fits. */
export function readControllerSettings(rows: readonly ControllerRow[], object: KubeObject): ControllerSettings {
  const row = controllerOf(rows, name, object)
  if (row === undefined)
    return {
      ...settingsOf([], null),
      isExternalArtifactAllowed: null,
      assumptions: [unreadArguments(name)],
    }
  const version = parseVersion(row.version)
  const settings = settingsOf(row.args, version)
  const sopsAge = flagValue(row.args, '--sops-age-secret') ?? ''
  return {
    ...settings,
    sopsAgeSecret: sopsAge === '' ? null : { namespace: row.namespace, name: sopsAge },
    assumptions:
      version === null ? [`The version of ${name} is not known: 1.9 is assumed.`] : olderThanOurs(version, object),
  }
}

type Version = readonly [major: number, minor: number, patch: number]

function settingsOf(args: readonly string[], version: Version | null): Omit<ControllerSettings, 'assumptions'> {
  const gates = featureGates(args)
  return {
    isStrict: gates.get('StrictPostBuildSubstitutions') ?? (version === null || isAtLeast(version, [1, 9, 0])),
    defaultServiceAccount: flagValue(args, '--default-service-account') ?? '',
    overrideManagers: flagValues(args, '--override-manager'),
    customStageKinds: parseGroupKinds(flagValue(args, '--custom-apply-stage-kinds') ?? ''),
    isRemoteBaseAllowed: !isFlagOn(args, '--no-remote-bases'),
    isCrossNamespaceAllowed: !isFlagOn(args, '--no-cross-namespace-refs'),
    isExternalArtifactAllowed: gates.get('ExternalArtifact') ?? false,
    sopsAgeSecret: null,
  }
}

/** `1.9.4`, `v1.9.4-rc.1`; null for anything else. */
function parseVersion(text: string): Version | null {
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(text)
  return match === null ? null : [Number(match[1]), Number(match[2]), Number(match[3])]
}

function isAtLeast(version: Version, other: Version): boolean {
  for (const [index, part] of version.entries()) if (part !== other[index]) return part > (other[index] ?? 0)
  return true
}

/** Where an older controller builds otherwise than what is rendered here. */
function olderThanOurs(version: Version, object: KubeObject): readonly string[] {
  const spec = object['spec'] as { images?: unknown } | undefined
  if (isAtLeast(version, [1, 9, 4]) || !Array.isArray(spec?.images) || spec.images.length === 0) return []
  const text = version.join('.')
  return [
    `${name} ${text} replaces images of the kustomization file as a whole; here spec.images is merged, as since 1.9.4.`,
  ]
}

/** `group/Kind`, `Kind` of the core group. */
function parseGroupKinds(text: string): readonly { readonly group: string; readonly kind: string }[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => {
      const slash = item.indexOf('/')
      return slash < 0 ? { group: '', kind: item } : { group: item.slice(0, slash), kind: item.slice(slash + 1) }
    })
}
