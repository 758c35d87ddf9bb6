/**
 * The places of history that are no list: two points compared, and one object as it was. Each is a view whose link carries it: whose history, and
 * which times. Parsing takes any text and answers null for what is no place.
 */
import { viewRoute } from '../app/routes.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'
import { contextOfCluster, contextsStore } from './contexts.ts'
import { navigate } from './navigation.ts'

/** An object of one context as a link names it. */
export interface PlacedObject {
  readonly context: string
  readonly ref: Omit<ObjectRef, 'cluster'>
}

export interface ComparePlace {
  /** null: all selected contexts. */
  readonly about: PlacedObject | null
  /** Times in ms, or revisions of `about`. */
  readonly from: number | string
  readonly until: number | string
}

export interface ThenPlace {
  readonly about: PlacedObject
  readonly at: number
}

const coreGroup = 'core'
const noNamespace = '_'

export function formatComparePlace({ about, from, until }: ComparePlace): string {
  const points = `${formatPoint(from)}..${formatPoint(until)}`
  return about === null ? points : `${points}/${formatObject(about)}`
}

export function parseComparePlace(text: string): ComparePlace | null {
  const [points = '', ...rest] = text.split('/')
  const [from, until, ...more] = points.split('..').map(parsePoint)
  if (from === undefined || from === null || until === undefined || until === null || more.length > 0) return null
  if (rest.length === 0) return { about: null, from, until }
  const about = parseObject(rest)
  return about === null ? null : { about, from, until }
}

export function formatThenPlace({ about, at }: ThenPlace): string {
  return `${at}/${formatObject(about)}`
}

export function parseThenPlace(text: string): ThenPlace | null {
  const [time = '', ...rest] = text.split('/')
  const at = parsePoint(time)
  const about = parseObject(rest)
  return typeof at !== 'number' || about === null ? null : { about, at }
}

/** What changed between two points; of everything in the selected contexts where `ref` is null. */
export function openComparison(ref: ObjectRef | null, from: number | string, until: number | string): void {
  const about = ref === null ? null : placeOf(ref)
  if (ref !== null && about === null) return
  navigate(viewRoute('compare', formatComparePlace({ about, from, until })))
}

/** An object as it was at a time. */
export function openThen(ref: ObjectRef, at: number): void {
  const about = placeOf(ref)
  if (about !== null) navigate(viewRoute('moment', formatThenPlace({ about, at })))
}

/** The same place at another time; the way back does not know of it. */
export function moveComparison(place: ComparePlace): void {
  navigate(viewRoute('compare', formatComparePlace(place)), { isReplacing: true })
}

export function moveThen(place: ThenPlace): void {
  navigate(viewRoute('moment', formatThenPlace(place)), { isReplacing: true })
}

function placeOf({ cluster, ...ref }: ObjectRef): PlacedObject | null {
  const context = contextOfCluster(contextsStore.getState().items, cluster)
  return context === null ? null : { context: context.key, ref }
}

function formatPoint(point: number | string): string {
  return typeof point === 'number' ? String(point) : `r-${encodeURIComponent(point).replaceAll('.', '%2E')}`
}

function parsePoint(text: string): number | string | null {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  if (!text.startsWith('r-')) return null
  return decode(text.slice(2)) || null
}

function formatObject({ context, ref }: PlacedObject): string {
  const { group, kind, namespace, name } = ref
  return [context, group === '' ? coreGroup : group, kind, namespace === '' ? noNamespace : namespace, name]
    .map(encodeURIComponent)
    .join('/')
}

function parseObject(parts: readonly string[]): PlacedObject | null {
  const [context = '', group = '', kind = '', namespace = '', name = ''] = parts.map(decode)
  if (parts.length !== 5 || [context, group, kind, namespace, name].includes('')) return null
  if ([group, kind, namespace, name].some((part) => part.length > 253)) return null
  return {
    context,
    ref: { group: group === coreGroup ? '' : group, kind, namespace: namespace === noNamespace ? '' : namespace, name },
  }
}

/** '' for what is not encoded well. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
