/** How sure a render is: the controller writes down the digest of what it built. Semantics: flux-semantics §1.2 (status.history), §9.37. */
import { shortenRevision } from '../../../../shared/flux/revision.ts'
import type { Fidelity } from '../../../../shared/model/drift.ts'
import type { KubeObject } from '../../clusters/view.ts'
import type { ResolvedArtifact } from '../../source/resolved-artifact.ts'
import { fieldOwners, ownsMoreThan } from '../../status/managed-fields.ts'
import { asArray, numberAt, textAt, timeMs } from '../../status/read.ts'
import type { ClusterRender } from '../cluster-renderer-port.ts'

/** `live`: the Kustomization with its status; null where the cluster has none. */
export function judgeFidelity(
  live: KubeObject | null,
  artifact: Pick<ResolvedArtifact, 'revision' | 'origin' | 'reasons'>,
  render: Pick<ClusterRender, 'digest' | 'assumptions'>,
  assumptions: readonly string[],
): Fidelity {
  const history = asArray(live === null ? null : (live['status'] as { history?: unknown } | undefined)?.history)
  // Newest first: what was built last from this revision counts, whatever became of it then.
  const entry = history.find((each) => textAt(each, 'metadata', 'revision') === artifact.revision)
  const controllerDigest = textAt(entry, 'digest')
  const digest = render.digest ?? ''
  const facts = { digest, controllerDigest, revision: artifact.revision, origin: artifact.origin, assumptions }
  if (digest !== '' && digest === controllerDigest) return { ...facts, word: 'verified', reasons: [] }
  const unknown = digest !== '' ? [] : render.assumptions.map(({ message }) => message)
  if (controllerDigest === '') {
    const why =
      live === null
        ? 'The cluster has no Kustomization of this name.'
        : history.length === 0
          ? 'Its controller has recorded no digest: it does so since Flux 2.7, after its first run.'
          : `Its controller has not built ${shortenRevision(artifact.revision)} yet.`
    return { ...facts, word: 'none', reasons: [...artifact.reasons, why, ...unknown] }
  }
  const known = [...artifact.reasons, ...unknown, ...editedSince(live, entry)]
  // Not the last time, which moves with every run: the same result is told in the same words.
  const at = textAt(entry, 'firstReconciled')
  const otherwise = `Its controller builds something else from ${shortenRevision(artifact.revision)}${at === '' ? '' : ` since ${at}`}: variables or keys are other ones there, or have changed meanwhile.`
  return { ...facts, word: 'differs', reasons: known.length === 0 ? [otherwise] : known }
}

/** The reason, where the spec is not the one that was built. Behind a closed gate the observed generation goes on without a build: managedFields tell. */
function editedSince(live: KubeObject | null, entry: unknown): readonly string[] {
  const generation = live?.metadata.generation ?? 0
  const observed = numberAt(live, 'status', 'observedGeneration') ?? generation
  const builtAt = timeMs(textAt(entry, 'lastReconciled')) ?? Infinity
  const writer = fieldOwners(live, ['spec'])
    .filter((owner) => owner.at !== null && owner.at > builtAt && ownsMoreThan(live, owner, 'suspend'))
    .toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0))[0]
  const isBehind = observed >= 0 && observed < generation
  if (!isBehind && writer === undefined) return []
  const by = writer === undefined ? '' : `, by ${writer.manager}`
  return [`Its spec was changed after its controller built this revision${by}.`]
}
