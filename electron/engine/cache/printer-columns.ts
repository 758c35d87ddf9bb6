/**
 * Printer columns of kinds that Sluice knows only by their CRD: which CRDs are Flux-like, and a safe subset of kubectl's JSONPath
 * (fields, quoted fields, indexes, `[*]`, `[?(@.a.b=="c")]`). Anything else yields ''.
 */
import type { PrinterColumn } from '../../../shared/flux/kind-types.ts'

export interface GenericKind {
  readonly columns: readonly PrinterColumn[]
}

const maxColumns = 12
const maxPathLength = 512
const maxTextLength = 1024

type Json = Readonly<Record<string, unknown>>

/** What a CRD says about a kind that Flux does not define; null unless it draws from a source or reconciles as Flux kinds do. */
export function readGenericKind(definition: unknown, version: string): GenericKind | null {
  const spec = record(record(definition)?.['spec'])
  const entry = array(spec?.['versions'])
    .map(record)
    .find((item) => item?.['name'] === version)
  if (entry === undefined || entry === null) return null
  const root = record(record(entry['schema'])?.['openAPIV3Schema'])
  const property = (...path: readonly string[]): unknown =>
    path.reduce<unknown>((schema, name) => record(record(schema)?.['properties'])?.[name], root)
  const categories = array(record(spec?.['names'])?.['categories'])
  const isFluxLike =
    property('spec', 'sourceRef') !== undefined ||
    property('status', 'lastHandledReconcileAt') !== undefined ||
    categories.some((category) => typeof category === 'string' && /^fluxcd\b/.test(category))
  if (!isFluxLike) return null
  const columns: PrinterColumn[] = []
  for (const value of array(entry['additionalPrinterColumns']).slice(0, maxColumns)) {
    const column = record(value)
    const { name, jsonPath, type, priority } = column ?? {}
    if (typeof name !== 'string' || typeof jsonPath !== 'string' || jsonPath.length > maxPathLength) continue
    if (typeof priority === 'number' && priority > 0) continue
    const columnTypes = ['string', 'integer', 'number', 'boolean', 'date'] as const
    columns.push({ name: name.slice(0, 64), jsonPath, type: columnTypes.find((known) => known === type) ?? 'string' })
  }
  return { columns }
}

type Step =
  | { readonly field: string }
  | { readonly index: number }
  | { readonly every: true }
  | { readonly where: readonly string[]; readonly equals: string }

const parsed = new Map<string, readonly Step[] | null>()

/** Text of the first value that `jsonPath` finds in `object`, all of them comma-joined after `[*]`; '' if none. */
export function evaluateColumn(object: unknown, jsonPath: string): string {
  let steps = parsed.get(jsonPath)
  if (steps === undefined) {
    steps = parsePath(jsonPath)
    if (parsed.size > 2000) parsed.clear()
    parsed.set(jsonPath, steps)
  }
  if (steps === null || steps.length === 0) return ''
  let values: unknown[] = [object]
  for (const step of steps) {
    const next: unknown[] = []
    for (const value of values) collect(value, step, next)
    values = next
    if (values.length === 0) return ''
  }
  const hasMany = steps.some((step) => 'every' in step)
  return (hasMany ? values : values.slice(0, 1)).map(show).join(',').slice(0, maxTextLength)
}

function collect(value: unknown, step: Step, into: unknown[]): void {
  if ('field' in step) {
    const found = own(value, step.field)
    if (found !== undefined) into.push(found)
  } else if ('index' in step) {
    const list = array(value)
    const found = list[step.index < 0 ? list.length + step.index : step.index]
    if (found !== undefined) into.push(found)
  } else if ('every' in step) into.push(...array(value).slice(0, 100))
  else {
    for (const item of array(value))
      if (show(step.where.reduce<unknown>((at, name) => own(at, name), item)) === step.equals) into.push(item)
  }
}

function own(value: unknown, name: string): unknown {
  const from = record(value)
  return from !== null && Object.hasOwn(from, name) ? from[name] : undefined
}

function parsePath(text: string): readonly Step[] | null {
  const path = text
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .replace(/^\$/, '')
  const steps: Step[] = []
  let position = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position
    const match = pattern.exec(path)
    if (match !== null) position = pattern.lastIndex
    return match
  }
  while (position < path.length) {
    const field = take(/\.((?:\\.|[^.[\]\\])+)/y)
    if (field !== null) {
      steps.push({ field: (field[1] ?? '').replaceAll(/\\(.)/g, '$1') })
      continue
    }
    const quoted = take(/\.?\[(?:'([^']*)'|"([^"]*)")\]/y)
    if (quoted !== null) {
      steps.push({ field: quoted[1] ?? quoted[2] ?? '' })
      continue
    }
    const index = take(/\.?\[(-?\d{1,6})\]/y)
    if (index !== null) {
      steps.push({ index: Number(index[1]) })
      continue
    }
    if (take(/\.?\[\*\]/y) !== null) {
      steps.push({ every: true })
      continue
    }
    const filter = take(/\.?\[\?\(\s*@((?:\.[\w-]+)+)\s*==\s*(?:"([^"]*)"|'([^']*)'|(true|false|-?\d+))\s*\)\]/y)
    if (filter === null) return null
    steps.push({ where: (filter[1] ?? '').slice(1).split('.'), equals: filter[2] ?? filter[3] ?? filter[4] ?? '' })
  }
  return steps
}

function show(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return value === null || value === undefined ? '' : JSON.stringify(value).slice(0, maxTextLength)
}

function record(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null
}

function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}
