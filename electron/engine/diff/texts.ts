/**
 * Both sides of a compared object as texts. The side of Git is what the apply makes of it (so that server defaults are no difference) without what
 * others own; keys stand in Git's order, in the live text after it. Server noise and status are left out. Secret values are hidden: those that
 * differ carry a few digits of their keyed digest.
 */
import type { DriftField, DriftTexts } from '../../../shared/model/drift.ts'
import type { KubeObject } from '../clusters/view.ts'
import { isSecret } from '../detail/present-object.ts'
import type { DesiredObject } from '../drift/desired-set.ts'
import { isLongNumber } from '../exact-json.ts'
import { pointerParts } from '../gate/json-pointer.ts'
import { heldFields } from './held-fields.ts'
import { fieldManagersOf } from './managed-fields.ts'
import { correspondingIndex, translatePointer } from './same-place.ts'
import { blindSealer, isSealed, sealedDigits, sealedText, sealObject } from './sealed-values.ts'
import { textWithLines } from './text-lines.ts'

export interface Compared {
  readonly action: string
  readonly fields: readonly DriftField[]
  readonly desired: DesiredObject | null
  readonly live: KubeObject | null
  readonly wouldBe: KubeObject | null
}

type Plain = Readonly<Record<string, unknown>>

/** Texts and where each field stands in them; '' for a side that is absent. */
export function textsOf(compared: Compared): Omit<DriftTexts, 'checkedAt'> {
  const { desired, fields } = compared
  const wouldBe = compared.action === 'pruned' ? null : (compared.wouldBe ?? blindDesired(desired))
  const liveObject = compared.live === null ? null : withoutNoise(compared.live)
  const wholeGit = wouldBe === null ? null : withoutNoise(wouldBe)
  const gitObject =
    wholeGit === null
      ? null
      : orderLike(withoutForeign(wholeGit, liveObject, fields), desired === null ? {} : inReadingOrder(desired.object))

  const some = compared.live ?? wouldBe
  const isSecretive = (some !== null && isSecret(some)) || (desired !== null && desired.sensitive.length > 0)
  const hasDigits = isSecretive && compared.wouldBe !== null && compared.live !== null
  const seals = hasDigits ? oneSided(gitObject, liveObject) : new Set<string>()
  const shown = (object: Plain): Plain => (isSecretive ? (unsealed(object, seals) as Plain) : object)
  const git = gitObject === null ? null : shown(gitObject)
  const live = liveObject === null ? null : shown(orderLike(liveObject, gitObject ?? {}))

  const places = fields.map((field) => ({
    key: field.key,
    ...(field.verdict === 'record'
      ? recordPlace(field, compared.live, liveObject, git)
      : {
          live: live === null || field.liveValue === null ? null : field.pointer,
          git: git === null || wholeGit === null ? null : gitPointer(field, liveObject, wholeGit, git),
        }),
  }))
  const pointers = (side: 'git' | 'live'): string[] => places.flatMap((place) => place[side] ?? [])
  const gitText = git === null ? null : textWithLines(git, pointers('git'))
  const liveText = live === null ? null : textWithLines(live, pointers('live'))
  return {
    git: gitText?.text ?? '',
    live: liveText?.text ?? '',
    marks: places.flatMap((place) => {
      const gitLine = (place.git === null ? undefined : gitText?.lines.get(place.git)) ?? 0
      const liveLine = (place.live === null ? undefined : liveText?.lines.get(place.live)) ?? 0
      return gitLine === 0 && liveLine === 0 ? [] : [{ field: place.key, gitLine, liveLine }]
    }),
  }
}

/** SECURITY: item 9: what was never sealed is shown with sizes only. */
function blindDesired(desired: DesiredObject | null): KubeObject | null {
  return desired === null ? null : sealObject(desired.object, desired.sensitive, blindSealer)
}

function gitPointer(field: DriftField, live: Plain | null, wholeGit: Plain, git: Plain): string | null {
  if (field.gitValue === null) return null
  // Where the field is absent live, the pointer is one of the whole would-be object.
  return translatePointer(field.liveValue === null ? wholeGit : live, git, field.pointer)
}

/** Where the record of a manager shows itself: beside the first field in the text that it holds. */
function recordPlace(
  { blame }: DriftField,
  live: KubeObject | null,
  shown: Plain | null,
  git: Plain | null,
): { readonly live: string | null; readonly git: string | null } {
  const entry = fieldManagersOf(live).find(
    ({ manager, operation, subresource }) =>
      manager === blame?.manager && operation === blame.operation && subresource === blame.subresource,
  )
  const held = entry === undefined ? [] : heldFields(shown, entry.fields, 1)
  const pointer = held[0]?.pointer ?? null
  return { live: pointer, git: pointer === null ? null : translatePointer(shown, git, pointer) }
}

const noise: ReadonlySet<string> = new Set([
  'managedFields',
  'resourceVersion',
  'uid',
  'generation',
  'creationTimestamp',
  'selfLink',
])

function withoutNoise(object: KubeObject): Plain {
  const { status: _status, ...rest } = inReadingOrder(object) as Plain & { readonly status?: unknown }
  const metadata = Object.entries(object.metadata).filter(([key, value]) => !noise.has(key) && value !== null)
  return { ...rest, metadata: orderLike(Object.fromEntries(metadata), metadataOrder) }
}

const metadataOrder = { name: '', namespace: '', labels: {}, annotations: {} }

function inReadingOrder(object: KubeObject): Plain {
  const { apiVersion, kind, metadata, ...rest } = object
  return { apiVersion, kind, metadata, ...rest }
}

/** The same value with the keys of `template` first, in its order. Lists keep theirs. */
export function orderLike<T>(value: T, template: unknown, field = ''): T {
  if (typeof value !== 'object' || value === null || typeof template !== 'object' || template === null) return value
  if (isLongNumber(value)) return value
  if (Array.isArray(value)) {
    if (!Array.isArray(template)) return value
    return value.map((item: unknown, index) => {
      if (typeof item !== 'object') return item
      const at = correspondingIndex(value, template, index, field)
      return at === null ? item : orderLike(item, template[at])
    }) as T
  }
  const source = value as Plain
  const order = template as Plain
  const keys = Object.keys(order).filter((key) => Object.hasOwn(source, key))
  for (const key of Object.keys(source)) if (!Object.hasOwn(order, key)) keys.push(key)
  return Object.fromEntries(
    keys.map((key) => [key, orderLike(source[key], Object.hasOwn(order, key) ? order[key] : undefined, key)]),
  ) as T
}

/** What others own is in the cluster only. */
function withoutForeign(git: Plain, live: Plain | null, fields: readonly DriftField[]): Plain {
  const root: Strip = new Map()
  for (const field of fields) {
    if (field.verdict !== 'notOwned') continue
    const pointer = translatePointer(live, git, field.pointer)
    if (pointer === null) continue
    const parts = pointerParts(pointer)
    let node = root
    for (const part of parts.slice(0, -1)) {
      let next = node.get(part)
      if (!(next instanceof Map)) node.set(part, (next = new Map<string, Strip | true>()))
      node = next
    }
    node.set(parts.at(-1) ?? '', true)
  }
  return root.size === 0 ? git : (strip(git, root) as Plain)
}

type Strip = Map<string, Strip | true>

function strip(value: unknown, node: Strip): unknown {
  if (typeof value !== 'object' || value === null || isLongNumber(value)) return value
  const left = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    const inner = node.get(key)
    if (inner === undefined) return [[key, item]]
    if (inner === true) return []
    const after = strip(item, inner)
    // What held nothing but foreign things is foreign itself.
    return typeof after === 'object' && after !== null && Object.keys(after).length === 0 ? [] : [[key, after]]
  })
  return Array.isArray(value) ? left.map(([, item]) => item) : Object.fromEntries(left)
}

/** Sealed texts that are on one side only. */
function oneSided(git: unknown, live: unknown): ReadonlySet<string> {
  const gitSeals = new Set<string>()
  const liveSeals = new Set<string>()
  collectSeals(git, gitSeals)
  collectSeals(live, liveSeals)
  const result = new Set<string>()
  for (const seal of gitSeals) if (!liveSeals.has(seal)) result.add(seal)
  for (const seal of liveSeals) if (!gitSeals.has(seal)) result.add(seal)
  return result
}

function collectSeals(value: unknown, into: Set<string>): void {
  if (isSealed(value)) into.add(value)
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) collectSeals(item, into)
}

function unsealed(value: unknown, differing: ReadonlySet<string>): unknown {
  if (isSealed(value)) return differing.has(value) ? `${sealedText(value)} #${sealedDigits(value)}` : sealedText(value)
  if (typeof value !== 'object' || value === null || isLongNumber(value)) return value
  if (Array.isArray(value)) return value.map((item) => unsealed(item, differing))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unsealed(item, differing)]))
}
