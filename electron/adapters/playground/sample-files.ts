/** Reads the sample fleet: YAML documents whose times are relative (`@-26m`) and whose `x-sample` says which field managers write. */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CORE_SCHEMA, loadAll } from 'js-yaml'
import { stillLabel } from '../../../shared/flux/labels.ts'

export interface SampleObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly annotations?: Readonly<Record<string, string>>
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly status?: unknown
  readonly [key: string]: unknown
}

export interface Sample {
  readonly object: SampleObject
  /** Field manager of the object's spec; null: the controller that would have applied it. */
  readonly manager: string | null
  /** A gate that Sluice has closed. */
  readonly suspend: {
    readonly by: string
    readonly at: string
    readonly reason: string
    readonly until: string | null
  } | null
  /** A controller whose work hosted mode does: not there where it is on. */
  readonly isHostedHere: boolean
}

interface Extra {
  readonly 'is-hosted-here'?: boolean
  readonly manager?: string
  readonly suspend?: Sample['suspend']
}

/** All samples in file order, times still relative. */
export async function readSamples(folder: string): Promise<readonly Sample[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort()
  const samples: Sample[] = []
  for (const name of names) {
    for (const document of loadAll(await readFile(join(folder, name), 'utf8'), undefined, {
      schema: CORE_SCHEMA,
      filename: name,
    })) {
      if (document === null || document === undefined) continue
      const { 'x-sample': extra, ...object } = document as SampleObject & { 'x-sample'?: Extra }
      samples.push({
        object: object,
        manager: extra?.manager ?? null,
        suspend: extra?.suspend ?? null,
        isHostedHere: extra?.['is-hosted-here'] === true,
      })
    }
  }
  return samples
}

/** Marked as a still picture: hosted mode leaves it as it is. */
export function asStill(sample: Sample): Sample {
  const { object } = sample
  const labels = { ...object.metadata.labels, [stillLabel.key]: stillLabel.value }
  return isHostedGroup(object) ? { ...sample, object: { ...object, metadata: { ...object.metadata, labels } } } : sample
}

function isHostedGroup({ apiVersion }: SampleObject): boolean {
  return apiVersion.startsWith('source.toolkit.') || apiVersion.startsWith('kustomize.toolkit.')
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const relativeTime = /^@([+-])(\d+)([smhd])(us)?$/

/** A copy with every `@±N(s|m|h|d)` replaced by the time it means at `now` (ms), RFC 3339 in whole seconds; `us` behind it asks for microseconds. */
export function resolveTimes<T>(value: T, now: number): T {
  if (typeof value === 'string') {
    const match = relativeTime.exec(value)
    if (match === null) return value
    const offset = Number(match[2]) * (unitMs[match[3] ?? ''] ?? 0) * (match[1] === '-' ? -1 : 1)
    const time = formatTime(now + offset)
    return (match[4] === undefined ? time : time.replace('Z', '.000000Z')) as T
  }
  if (Array.isArray(value)) return value.map((entry: unknown) => resolveTimes(entry, now)) as T
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, resolveTimes(entry as unknown, now)]),
    ) as T
  }
  return value
}

export function formatTime(at: number): string {
  return new Date(Math.floor(at / 1000) * 1000).toISOString().replace('.000Z', 'Z')
}
