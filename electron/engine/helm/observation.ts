/**
 * What helm-controller remembers of a release, as the text that it digests: the release without its chart's files and without the hooks of tests,
 * through Go's types. Semantics: helm-controller 1.6.3 `release.Observation` (snapshot version v2), Helm 4.2 `release/v1` and `chart/v2`.
 */
import { compareBytes, encodeJsonString } from '../kustomize/yaml/go-json.ts'
import { formatFloatJson } from '../kustomize/yaml/go-number.ts'
import type { Json } from '../status/read.ts'
import { asArray, asRecord, asText } from '../status/read.ts'

type Encode = (value: unknown) => string
/** A field: its name, how a value is written, and whether an empty one is left out. */
type Field = readonly [name: string, encode: Encode, isKept?: 'kept']

/** `release`: the decoded release. The text ends in a newline, which is part of what is digested. */
export function observationText(release: unknown, ociDigest: string): string {
  const { name, version, info, chart, config, manifest, hooks, namespace } = asRecord(release)
  const kept = asArray(hooks).filter((hook) => !asArray(asRecord(hook).events).includes('test'))
  const configured = asRecord(config)
  const members = [
    `"name":${text(name)}`,
    `"version":${integer(version)}`,
    `"info":${struct(infoFields)(info)}`,
    `"chartMetadata":${struct(metadataFields)(asRecord(chart).metadata)}`,
    `"config":${Object.keys(configured).length === 0 ? 'null' : anything(configured)}`,
    `"manifest":${text(manifest)}`,
    `"hooks":${kept.length === 0 ? 'null' : list(struct(hookFields))(kept)}`,
    `"namespace":${text(namespace)}`,
    ...(ociDigest === '' ? [] : [`"ociDigest":${text(ociDigest)}`]),
  ]
  return `{${members.join(',')}}\n`
}

const text: Encode = (value) => encodeJsonString(asText(value))
const integer: Encode = (value) => (typeof value === 'number' ? String(value) : '0')
const flag: Encode = (value) => String(value === true)
/** As Go wrote it: a release was never written by anybody else. The zero time is left out. */
const time: Encode = (value) => (/^(?:|0001-01-01T00:00:00Z)$/.test(asText(value)) ? '' : text(value))

function list(of: Encode): Encode {
  return (value) => `[${asArray(value).map(of).join(',')}]`
}

/** Values of any kind, keys sorted, numbers as the floats that Go reads. */
const anything: Encode = (value) => {
  if (Array.isArray(value)) return list(anything)(value)
  if (typeof value === 'object' && value !== null) return map(anything)(value)
  if (typeof value === 'string') return encodeJsonString(value)
  if (typeof value === 'number') return formatFloatJson(value)
  return typeof value === 'boolean' ? String(value) : 'null'
}

function map(of: Encode): Encode {
  return (value) => {
    const entries = Object.entries(asRecord(value)).sort(([a], [b]) => compareBytes(a, b))
    return `{${entries.map(([key, member]) => `${encodeJsonString(key)}:${of(member)}`).join(',')}}`
  }
}

function struct(fields: readonly Field[]): Encode {
  return (value) => {
    const record: Json = asRecord(value)
    const members = fields.flatMap(([name, encode, isKept]) => {
      const member = record[name]
      const encoded = isKept === undefined && isEmpty(member) ? '' : encode(member)
      return encoded === '' ? [] : [`"${name}":${encoded}`]
    })
    return `{${members.join(',')}}`
  }
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

const infoFields: readonly Field[] = [
  ['first_deployed', time],
  ['last_deployed', time],
  ['deleted', time],
  ['description', text],
  ['status', text],
  ['notes', text],
]

const maintainerFields: readonly Field[] = [
  ['name', text],
  ['email', text],
  ['url', text],
]

const dependencyFields: readonly Field[] = [
  ['name', text, 'kept'],
  ['version', text],
  ['repository', text, 'kept'],
  ['condition', text],
  ['tags', list(text)],
  ['enabled', flag],
  ['import-values', list(anything)],
  ['alias', text],
]

const metadataFields: readonly Field[] = [
  ['name', text],
  ['home', text],
  ['sources', list(text)],
  ['version', text],
  ['description', text],
  ['keywords', list(text)],
  ['maintainers', list(struct(maintainerFields))],
  ['icon', text],
  ['apiVersion', text],
  ['condition', text],
  ['tags', text],
  ['appVersion', text],
  ['deprecated', flag],
  ['annotations', map(text)],
  ['kubeVersion', text],
  ['dependencies', list(struct(dependencyFields))],
  ['type', text],
]

const hookFields: readonly Field[] = [
  ['name', text],
  ['kind', text],
  ['path', text],
  ['manifest', text],
  ['events', list(text)],
  [
    'last_run',
    struct([
      ['started_at', time],
      ['completed_at', time],
      ['phase', text, 'kept'],
    ]),
    'kept',
  ],
  ['weight', integer],
  ['delete_policies', list(text)],
  ['output_log_policies', list(text)],
]
