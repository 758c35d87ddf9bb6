/**
 * What drift is, as it travels to the window and the command line. `Git` stands for the desired state, wherever it came from. Times are ms since
 * the epoch, durations ms. Values of Secrets and decrypted fields never appear: equality was decided by keyed digest, the text says so.
 */
import type { SluiceErrorData } from './errors.ts'
import type { ObjectRef } from './identity.ts'

/** What the controller's next apply would do to one object (flux-semantics §2.7 to §2.11). */
export const driftActions = [
  'created',
  'configured',
  'recreated',
  'pruned',
  'refused',
  'moving',
  'skipped',
  'unchanged',
] as const
export type DriftAction = (typeof driftActions)[number]

/** Actions of the next apply: it writes or deletes the object. `refused` and `moving` are "not known", never "no drift". */
export function isDrift(action: DriftAction): boolean {
  return action === 'created' || action === 'configured' || action === 'recreated' || action === 'pruned'
}

/**
 * The next apply writes the object and changes no value of it: it only takes over fields that somebody else is recorded as an owner of. Listed,
 * because the controller writes it; not counted as drift, because what is in the cluster is what Git says.
 */
export function isRecordOnly({ action, driftCount }: Pick<DriftObject, 'action' | 'driftCount'>): boolean {
  return action === 'configured' && driftCount === 0
}

/** Whether an object is counted as drifted: it is there or not, or has values, other than Git says. */
export function countsAsDrift(object: Pick<DriftObject, 'action' | 'driftCount'>): boolean {
  return isDrift(object.action) && !isRecordOnly(object)
}

const riskRanks = { high: 0, medium: 1, low: 2 } as const

/** The order of what is listed: the riskiest first, below all of them what only the record says. */
export function driftRank(object: Pick<DriftObject, 'action' | 'driftCount' | 'risk'>): number {
  return isRecordOnly(object) ? 3 : riskRanks[object.risk.level]
}

/** False for `refused` and `moving`: nobody knows, it is asked for again. */
export function isSettled(action: DriftAction): boolean {
  return action !== 'refused' && action !== 'moving'
}

/** Who last wrote a field, from managedFields. */
export interface FieldBlame {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  /** '' for the main resource. */
  readonly subresource: string
  readonly at: number | null
}

/**
 * - drift: the next apply sets it back. - reclaimed: added by a manager that the controller's next apply takes over: it will be removed.
 * - record: whoever is blamed holds `liveValue`, a list of paths, beside the controller, which takes that over: no value changes.
 * - notOwned: in the cluster only, owned by somebody else: stays. - ignored: a rule says so (`rule` names it).
 */
export type FieldVerdict = 'drift' | 'reclaimed' | 'record' | 'notOwned' | 'ignored'

export interface DriftField {
  /** Unique in its object. */
  readonly key: string
  /** For people: `spec.template.spec.containers[podinfo].image`. */
  readonly path: string
  /** JSON pointer into the live object; into the desired one where it is absent live. */
  readonly pointer: string
  /** What the cluster did relative to Git. */
  readonly change: 'changed' | 'removed' | 'added'
  /** Compact text (scalars as they are, maps and lists as one line of JSON, capped at 2,000 characters); null = absent. */
  readonly gitValue: string | null
  readonly liveValue: string | null
  /** Values are hidden: texts then say "value changed" and the like. */
  readonly isSecret: boolean
  /** null where managedFields do not tell. Of a removed field: who removed it is not recorded; the youngest foreign entry, else null. */
  readonly blame: FieldBlame | null
  readonly verdict: FieldVerdict
  /** The rule or annotation that ignores it, verbatim; '' if none. */
  readonly rule: string
}

export interface DriftRisk {
  readonly level: 'low' | 'medium' | 'high'
  /** What setting it back does: `restarts 5 pods`, `deletes a volume claim`; '' where nothing is known. */
  readonly text: string
}

export interface DriftOrigin {
  /** Relative to the artifact's root. */
  readonly file: string
  /** 1-based, 0 if not known. */
  readonly line: number
}

/** One object of an owner, compared. Rows of `drift.objects` (all but unchanged ones) and of `drift.watch` (all). */
export interface DriftObject {
  /** `OWNER REFKEY#OBJECT REFKEY`. */
  readonly key: string
  readonly owner: ObjectRef
  readonly ref: ObjectRef
  readonly version: string
  readonly action: DriftAction
  /** Fields by verdict: those that the next apply changes, then those that stay. */
  readonly driftCount: number
  readonly notOwnedCount: number
  readonly ignoredCount: number
  /** Managers behind the drifting fields, or the record, most fields first. */
  readonly managers: readonly string[]
  readonly risk: DriftRisk
  /** One line, from Git to live: `spec.replicas 2 → 5`, `missing`, the rule that skips it. */
  readonly summary: string
  /** The same as a plan tells it, from what is live to what will be: `spec.replicas 5 → 2`; absent where no value changes. */
  readonly change?: string
  /** Why it is skipped: the annotation or rule, verbatim; '' otherwise. */
  readonly rule: string
  /** Why it is refused or could not be compared. */
  readonly problem: SluiceErrorData | null
  readonly isSecret: boolean
  readonly origin: DriftOrigin | null
  readonly firstSeenAt: number | null
  readonly checkedAt: number
}

/** Where the desired state came from, best first. */
export type ArtifactOrigin =
  'storage' | 'storageThroughApi' | 'storageThroughProxy' | 'git' | 'folder' | 'releaseStorage'

export interface Fidelity {
  /** verified: digest equal to the controller's. differs: it is not, `reasons` say why. none: the controller wrote none. */
  readonly word: 'verified' | 'differs' | 'none'
  readonly digest: string
  readonly controllerDigest: string
  readonly revision: string
  readonly origin: ArtifactOrigin
  readonly reasons: readonly string[]
  /** What the result takes for granted (unreadable Secrets, controller arguments, identity of the dry-run). */
  readonly assumptions: readonly string[]
}

/** The commit that a revision of a Git source is. */
export interface RevisionCommit {
  readonly sha: string
  readonly author: string
  readonly at: number
  readonly subject: string
}

/** `pending`: not yet compared. */
export type DriftState = 'pending' | 'checking' | 'checked' | 'failed'

/** One Kustomization or HelmRelease. Rows of `drift.owners`. */
export interface DriftOwner {
  /** refKey of `owner`. */
  readonly key: string
  readonly owner: ObjectRef
  readonly state: DriftState
  readonly objectCount: number
  /** Objects by what they are. Drifted are those that `countsAsDrift` says. */
  readonly driftedCount: number
  readonly recordOnlyCount: number
  readonly missingCount: number
  readonly prunableCount: number
  readonly refusedCount: number
  readonly skippedCount: number
  /** Drifting fields over all objects. */
  readonly fieldCount: number
  readonly notOwnedCount: number
  readonly ignoredCount: number
  /** Compared without dry-run (no right to it, or switched off): structural, approximate. */
  readonly isApproximate: boolean
  readonly fidelity: Fidelity | null
  /** Of `fidelity.revision`. null: not a Git source's, its host is not allowed for the cluster, or not known (yet). */
  readonly commit: RevisionCommit | null
  /** Last finished comparison. */
  readonly checkedAt: number | null
  /** Since when drift has been seen without a break. */
  readonly firstSeenAt: number | null
  /** Why the last attempt failed: HostNotAllowed, ArtifactUnavailable, Forbidden, RenderFailed, ... An older result stays beside it. */
  readonly error: SluiceErrorData | null
}

/** What resuming or reconciling now would do: the newest artifact against the cluster. */
export interface ResumePreview {
  readonly ref: ObjectRef
  readonly revision: string
  readonly appliedRevision: string
  readonly createdCount: number
  readonly configuredCount: number
  readonly recreatedCount: number
  readonly prunedCount: number
  readonly unchangedCount: number
  readonly skippedCount: number
  readonly refusedCount: number
  readonly risk: DriftRisk
  /** Objects that change, riskiest first, at most 500. */
  readonly objects: readonly DriftObject[]
  readonly fidelity: Fidelity | null
  readonly isApproximate: boolean
  readonly checkedAt: number
  /** Fresh, deletes nothing, risk at most Low, nothing refused or unknown: one click may resume. */
  readonly isHarmless: boolean
  /** Why it is not harmless, or could not be made; '' otherwise. */
  readonly caution: string
  /** What stays although it differs, and why: a sentence. */
  readonly note?: string
  /** Its dependencies that are not ready: nothing is applied before they are. */
  readonly waitsFor?: readonly PreviewWait[]
  /** Objects that wait now and name it in their dependsOn. */
  readonly waiting?: readonly ObjectRef[]
}

/** A dependency that is not ready. */
export interface PreviewWait {
  readonly ref: ObjectRef
  /** Why, as the rest of a sentence that begins with its name: `is not there`, `is not ready (Failed)`. */
  readonly text: string
  /** It does not become ready by itself: missing, suspended, an expression that is not valid. */
  readonly isStuck: boolean
}

/** Both sides of one object as texts for the diff view, same key order, server noise left out. */
export interface DriftTexts {
  readonly git: string
  readonly live: string
  /** Lines (1-based) of `live`, or of `git` where the field is absent live, with the field of `drift.fields` that they belong to. */
  readonly marks: readonly { readonly field: string; readonly gitLine: number; readonly liveLine: number }[]
  readonly checkedAt: number
}

/** A host that a cluster's object names and that Sluice would like to contact for that cluster. */
export interface SourceHost {
  /** `CLUSTER|HOST`. */
  readonly key: string
  readonly cluster: string
  /** `host:port`. */
  readonly host: string
  readonly isAllowed: boolean
  /** `Kind/namespace/name` of the objects that name it, at most 20. */
  readonly namedBy: readonly string[]
}

/** A Git repository that a cluster's object names and that the source's own Secret does not open: the user's own credentials may. */
export interface SourceRepository {
  /** `CLUSTER|URL`. */
  readonly key: string
  readonly cluster: string
  /** Without user information. */
  readonly url: string
  /** The user's own credentials are used for this repository of this cluster. */
  readonly isAllowed: boolean
  /** A token of the user is kept for it on this machine. */
  readonly hasToken: boolean
  /** `Kind/namespace/name` of the objects that name it, at most 20. */
  readonly namedBy: readonly string[]
}

/** An ignore rule in the file that defines its owner, in a mapped working copy: prepared, not written. */
export interface IgnoreEdit {
  /** Names the edit when it is written. */
  readonly id: string
  /** For people. */
  readonly folder: string
  /** Relative to the folder, and the first new line. */
  readonly file: string
  readonly line: number
  /** The new lines between the ones that stay; `line` is 1-based in the new text, 0 where a line goes. */
  readonly diff: readonly {
    readonly kind: 'same' | 'added' | 'removed'
    readonly line: number
    readonly text: string
  }[]
  /** The commit that may follow; where none is possible, why, and what helps. */
  readonly commit: IgnoreCommit | { readonly refused: string; readonly remedy: string }
}

/** A commit of that file alone, in the user's name, on the branch that is checked out. */
export interface IgnoreCommit {
  readonly branch: string
  /** `Name <address>`. */
  readonly author: string
  /** Proposed; the user may write another one. */
  readonly message: string
  /** Hooks that the user's own git would run and this commit does not. */
  readonly skippedHooks: readonly string[]
  /** The user's git signs commits; this one is not. */
  readonly isUnsigned: boolean
}

/** A local folder that the user mapped to a source. */
export interface MappedFolder {
  /** refKey of the source. */
  readonly key: string
  readonly source: ObjectRef
  /** For people. */
  readonly folder: string
}
