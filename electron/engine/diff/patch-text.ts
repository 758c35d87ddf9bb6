/**
 * The live values of drifting fields as a patch for the manifest in Git: strategic-merge style for built-in kinds, with whole lists for others
 * (kustomize replaces their lists).
 */
import type { KubeObject } from '../clusters/view.ts'
import { emitYaml } from '../detail/emit-yaml.ts'
import { pointerParts } from '../gate/json-pointer.ts'
import { groupOf } from '../status/read.ts'
import { shapeFromName } from './list-shape.ts'
import { holdsSealed } from './field-value.ts'
import type { Compared } from './texts.ts'

type Draft = Record<string, unknown>

/** YAML; '' where nothing of the object drifts. SECURITY: item 9: secret values are left out, a comment names them. */
export function patchOf(compared: Compared): string {
  const { live, wouldBe, fields } = compared
  const drifting = fields.filter(({ verdict }) => verdict === 'drift' || verdict === 'reclaimed')
  if (live === null || drifting.length === 0) return ''
  const { name, namespace } = live.metadata
  const patch: Draft = {
    apiVersion: live.apiVersion,
    kind: live.kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  }
  const hidden: string[] = []
  let count = 0
  for (const field of drifting) {
    if (field.pointer === '' || field.pointer.startsWith('/metadata/managedFields')) continue
    if (field.isSecret) {
      hidden.push(field.path)
      continue
    }
    write(patch, live, field.liveValue === null ? (wouldBe ?? live) : live, field.pointer, field.liveValue === null)
    count += 1
  }
  const notes = hidden.map((path) => `# ${path}: a secret value, left out\n`).join('')
  return count === 0 ? notes : notes + [...emitYaml(patch)].join('')
}

/** Writes the value at a pointer of `source` into the patch; `isGone`: that Git's value is to go. */
function write(patch: Draft, live: KubeObject, source: KubeObject, pointer: string, isGone: boolean): void {
  const group = groupOf(live.apiVersion)
  const isBuiltIn = !group.includes('.') || group.endsWith('.k8s.io')
  const parts = pointerParts(pointer)
  let target: Draft = patch
  let value: unknown = source
  let current: unknown = live
  for (const [depth, part] of parts.entries()) {
    const isLast = depth === parts.length - 1
    const next = (value as Draft)[part]
    const liveNext = at(current, part)
    if (Array.isArray(next) && !isLast) {
      const item = (next as readonly unknown[])[Number(parts[depth + 1])] as Draft | undefined
      const shape = shapeFromName(part, [next])
      if (!isBuiltIn || typeof shape !== 'object' || item === undefined) {
        if (!holdsSealed(liveNext)) target[part] = liveNext ?? null
        return
      }
      const keys = Object.fromEntries(shape.keys.flatMap((key) => (Object.hasOwn(item, key) ? [[key, item[key]]] : [])))
      const list = (Array.isArray(target[part]) ? target[part] : (target[part] = [])) as Draft[]
      const isItemLast = depth + 1 === parts.length - 1
      let draft = list.find((each) => Object.entries(keys).every(([key, own]) => each[key] === own))
      if (draft === undefined) list.push((draft = { ...keys }))
      if (isItemLast) {
        if (isGone) draft['$patch'] = 'delete'
        else Object.assign(draft, item)
        return
      }
      const itemInLive = Array.isArray(liveNext)
        ? (liveNext as readonly Draft[]).find((each) => Object.entries(keys).every(([key, own]) => each[key] === own))
        : undefined
      writeInside(draft, itemInLive, item, parts.slice(depth + 2), isGone, isBuiltIn)
      return
    }
    if (isLast) {
      target[part] = isGone ? null : next
      return
    }
    if (typeof next !== 'object' || next === null) return
    const inner = target[part]
    target = typeof inner === 'object' && inner !== null ? (inner as Draft) : (target[part] = {})
    value = next
    current = liveNext
  }
}

function writeInside(
  draft: Draft,
  live: unknown,
  source: Draft,
  parts: readonly string[],
  isGone: boolean,
  isBuiltIn: boolean,
): void {
  const pointer = parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  // The kind of an item is that of its object: a core kind stands for all built-in ones.
  const apiVersion = isBuiltIn ? 'v1' : 'x.invalid/v1'
  const wrap = (value: unknown): KubeObject => ({ ...(value as Draft), apiVersion }) as unknown as KubeObject
  write(draft, wrap(live ?? {}), wrap(source), pointer, isGone)
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Draft)[key] : undefined
}
