import { versionLabel } from '../../../shared/flux/labels.ts'
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { ControllerRow } from '../../../shared/model/rows.ts'
import { computeKStatus } from '../status/kstatus.ts'
import { asArray, asText, at, numberAt, textAt } from '../status/read.ts'

const selectorFlag = '--watch-label-selector'

/** A controller's Deployment as a row, its lease still unknown. `now` in ms decides what counts as stuck. */
export function toControllerRow(deployment: unknown, cluster: ClusterId, now: number): ControllerRow {
  const namespace = textAt(deployment, 'metadata', 'namespace')
  const name = textAt(deployment, 'metadata', 'name')
  const containers = asArray(at(deployment, 'spec', 'template', 'spec', 'containers'))
  const container = containers.find((item) => textAt(item, 'name') === 'manager') ?? containers[0]
  const image = textAt(container, 'image')
  const args = [...asArray(at(container, 'command')).slice(1), ...asArray(at(container, 'args'))]
    .map(asText)
    .filter((arg) => arg !== '')
  const { word, message } = computeKStatus(deployment, now)
  return {
    key: `${cluster}|${namespace}/${name}`,
    cluster,
    namespace,
    name,
    version: imageVersion(image) || textAt(deployment, 'metadata', 'labels', versionLabel),
    image,
    args,
    readyReplicas: numberAt(deployment, 'status', 'readyReplicas') ?? 0,
    replicas: numberAt(deployment, 'spec', 'replicas') ?? 1,
    status: word,
    message,
    leaseHolder: null,
    leaseRenewedAt: null,
    shard: flagValue(args, selectorFlag),
  }
}

/** Tag of an image reference, '' where it has none or only a digest. */
export function imageVersion(image: string): string {
  const name = image.split('@')[0] ?? ''
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? name.slice(colon + 1) : ''
}

/** Value of `--flag=value` or `--flag value`, null where the flag is absent. */
export function flagValue(args: readonly string[], flag: string): string | null {
  for (const [index, arg] of args.entries()) {
    if (arg.startsWith(`${flag}=`)) return arg.slice(flag.length + 1)
    if (arg === flag) return args[index + 1] ?? ''
  }
  return null
}
