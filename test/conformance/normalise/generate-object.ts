/** Objects by chance over every kind that a controller knows: well formed ones with all that Go rewrites, and malformed ones. */
import type { GoType, KnownKinds, StructType } from '../../../electron/engine/apply/normalise/type-table.ts'
import { knownKinds } from '../../../electron/engine/apply/normalise/type-table.ts'
import { Chance } from '../../fuzz/random.ts'
import type { OracleUse } from './oracle.ts'

type Fields = Record<string, unknown>

export interface GeneratedObject {
  readonly as: Extract<OracleUse, 'kustomize' | 'helm' | 'dryRun'>
  readonly object: Fields
}

const ofKustomize = knownKinds('kustomize')
const ofHelm = knownKinds('helm')
const autoscalers = ofKustomize.filter(({ kind }) => kind === 'HorizontalPodAutoscaler')

/** The case of a number: the same on every machine. Kinds come in turn. */
export function generateObject(index: number): GeneratedObject {
  const chance = new Chance(index)
  if (chance.is(0.03)) return { as: 'kustomize', object: new Generator(chance).unknownKind() }
  if (chance.is(0.02)) return { as: 'dryRun', object: new Generator(chance).ofKind(chance.pick(autoscalers)) }
  const kind = ofHelm[index % ofHelm.length]!
  const isCommon = ofKustomize.some((other) => other.kind === kind.kind && other.apiVersion === kind.apiVersion)
  const as: KnownKinds = isCommon && chance.is(0.8) ? 'kustomize' : 'helm'
  return { as, object: new Generator(chance).ofKind(kind) }
}

class Generator {
  private readonly chance: Chance
  /** How often a value is of a wrong type or malformed. */
  private readonly badness: number
  /** Values that may still be made: recursive types end. */
  private budget: number

  constructor(chance: Chance) {
    this.chance = chance
    this.badness = chance.is(0.7) ? 0 : chance.pick([0.005, 0.05])
    this.budget = chance.pick([15, 60, 250])
  }

  ofKind({ apiVersion, kind, type }: { apiVersion: string; kind: string; type: StructType }): Fields {
    const { chance } = this
    const object = this.struct(type, 0)
    if (chance.is(0.02)) object.metadata = this.anything(0)
    const version = !apiVersion.includes('/') && chance.is(0.02) ? `/${apiVersion}` : apiVersion
    return { ...object, apiVersion: version, kind }
  }

  unknownKind(): Fields {
    const { chance } = this
    return {
      apiVersion: chance.pick([
        'example.com/v1',
        'apiextensions.k8s.io/v1',
        'apiextensions.k8s.io/v9',
        'a/b/c',
        '/',
        'apps/',
        'v1',
      ]),
      kind: chance.pick(['Widget', 'CustomResourceDefinition', 'customresourcedefinition', 'Deploymentt']),
      ...(chance.is(0.9)
        ? { metadata: chance.is(0.8) ? { name: 'x', creationTimestamp: 'now' } : this.anything(0) }
        : {}),
      spec: this.anything(0),
      ...(chance.is(0.7) ? { status: this.anything(0) } : {}),
    }
  }

  private struct(type: StructType, depth: number): Fields {
    const { chance } = this
    const result: Fields = {}
    const fields = type.fields()
    const share = Math.min(1, chance.pick([2, 5, 12]) / Math.max(1, fields.length))
    for (const field of fields) {
      if (!chance.is(depth === 0 ? Math.max(share, 0.8) : share)) continue
      if (this.budget <= 0) break
      const name = chance.is(0.01) ? misspelled(field.name) : field.name
      result[name] = this.value(field.type, depth + 1)
    }
    if (chance.is(0.08)) result[chance.pick(['unknown', '-', '', 'Kind', '__proto__x'])] = this.anything(depth)
    return result
  }

  private value(type: GoType, depth: number): unknown {
    const { chance } = this
    this.budget -= 1
    if (chance.is(0.05)) return null
    if (chance.is(this.badness)) return this.anything(depth)
    const isBad = chance.is(this.badness)
    switch (type.of) {
      case 'string':
        return chance.pick(['', 'TCP', 'a', 'nginx:1.29', 'ünï "q" <&>', 'true', '1', 'a\nb', '\u2028'])
      case 'bool':
        return chance.is(0.5)
      case 'int32':
      case 'int64':
        return this.integer(isBad)
      case 'float64':
        return chance.pick([0, 1, 1.5, -0.25, 1e21, 1e-7, 12345678901234567890n, 3, 9007199254740993n])
      case 'bytes':
        return this.bytes(isBad)
      case 'quantity':
        return this.quantity(isBad)
      case 'time':
      case 'microTime':
        return this.time(type.of === 'microTime', isBad)
      case 'intOrString':
        return isBad
          ? chance.pick([1.5, 2147483648, true, 1e21, 5000000000])
          : chance.pick([0, 80, -1, '50%', '', 'http', 2147483647])
      case 'json':
        return this.anything(depth)
      case 'pointer':
        return this.value(type.type, depth)
      case 'struct':
        return this.budget <= 0 && chance.is(0.8) ? {} : this.struct(type.type, depth)
      case 'list':
        return Array.from({ length: this.length() }, () => this.value(type.type, depth))
      case 'map':
        return Object.fromEntries(
          Array.from({ length: this.length() }, () => [
            chance.pick(['a', 'cpu', 'memory', 'app.kubernetes.io/name', '', '__proto__', 'constructor', '10']),
            this.value(type.type, depth),
          ]),
        )
      case 'schemaOrBool':
        return chance.is(0.4) ? chance.is(0.5) : this.value(type.type, depth)
      case 'schemaOrArray':
        return chance.is(0.3)
          ? Array.from({ length: this.length() }, () => this.value(type.type, depth))
          : chance.is(0.1)
            ? chance.pick([1, 12, 'x', true, ''])
            : this.value(type.type, depth)
      case 'schemaOrStrings':
        return chance.is(0.5)
          ? Array.from({ length: this.length() }, () => chance.pick(['a', 'b', null]))
          : this.value(type.type, depth)
    }
  }

  private length(): number {
    return this.budget <= 0 ? this.chance.int(2) : this.chance.pick([0, 1, 1, 1, 2, 3])
  }

  private integer(isBad: boolean): unknown {
    const { chance } = this
    if (isBad) return chance.pick([1.5, '1', true, [], -0.1])
    if (chance.is(0.6)) return chance.pick([0, 1, 3, 80, 443, -1, 30])
    return chance.pick([
      2147483647,
      -2147483648,
      2147483648,
      4294967297,
      9007199254740991,
      9007199254740993n,
      9223372036854775807n,
      -9223372036854775808n,
      18446744073709551615n,
      99999999999999999999n,
      1e18,
      1e20,
      1e21,
      -1e22,
      4294967296.0,
    ])
  }

  private bytes(isBad: boolean): unknown {
    const { chance } = this
    if (isBad) return chance.pick(['a', 'YQ', 'YQ=', '====', 'Y*==', 'YQ==YQ==', 'ENC[AES256_GCM]', 'ü===', ' YQ=='])
    return chance.pick([
      '',
      'YQ==',
      'YR==',
      'YWI=',
      'YWJ=',
      'YWJj',
      'YW\nJj',
      '\r\n',
      'YQ=\n=',
      'aGVsbG8gd29ybGQ=',
      '/+8=',
      [],
      [104, 105],
      [300, -1, null, 2.0],
    ])
  }

  private time(isMicro: boolean, isBad: boolean): unknown {
    const { chance } = this
    const two = (low: number, high: number): string => String(chance.between(low, high)).padStart(2, '0')
    if (isBad)
      return chance.pick([
        '',
        'null',
        '2024-01-01',
        '2024-02-30T00:00:00Z',
        '2024-01-01T24:00:00Z',
        '2024-01-01t00:00:00z',
        '2024-01-01T00:00:60Z',
        '2024-01-01T00:00:00',
        '2024-01-01 00:00:00Z',
        '24-01-01T00:00:00Z',
        '2024-01-01T00:00:00.Z',
        1704067200,
      ])
    const day = chance.pick([
      '2024-02-29',
      '0001-01-01',
      '9999-12-31',
      '2023-07-04',
      '0000-01-01',
      '1969-12-31',
      '2000-12-31',
    ])
    const hour = chance.is(0.1) ? String(chance.int(10)) : two(0, 23)
    const time = chance.is(0.3) ? '00:00:00' : `${hour}:${two(0, 59)}:${two(0, 59)}`
    const fraction = isMicro
      ? chance.pick(['.000000', '.123456', ',654321', '.+12345', '.000001'])
      : chance.pick(['', '', '.5', ',25', '.123456789', '.000000000', '.1234567890123'])
    const zone = chance.pick(['Z', 'Z', '+00:00', '-00:30', '+02:00', '-11:45', '+24:60'])
    return `${day}T${time}${fraction}${zone}`
  }

  private quantity(isBad: boolean): unknown {
    const { chance } = this
    if (isBad)
      return chance.pick([
        '',
        'x',
        '1x',
        '1 Gi',
        '--1',
        '1e',
        '1ee5',
        '1Gii',
        '1.2.3',
        '0x10',
        'e5',
        '1e99999999999999999999',
        true,
        [1],
        '\t1',
        '.',
        '+',
        '.e-20',
        '1K',
        'Ki',
      ])
    if (chance.is(0.4))
      return chance.pick([
        '100m',
        '128Mi',
        '1',
        '0',
        '1Gi',
        '500m',
        '2',
        '250m',
        '64Mi',
        '10G',
        '1.5',
        '0.5',
        1,
        0.1,
        2.5,
        1e21,
        12345678901234567890n,
      ])
    const digits = (most: number): string =>
      Array.from({ length: chance.between(0, most) }, () => String(chance.pick([0, 0, 1, 5, 9, 2]))).join('')
    const sign = chance.pick(['', '', '', '', '-', '+'])
    const whole = chance.is(0.1) ? digits(25) : digits(4) || '1'
    const decimals = chance.is(0.35) ? `.${chance.is(0.1) ? digits(25) : digits(4)}` : ''
    const suffix = chance.is(0.2)
      ? `${chance.pick(['e', 'E'])}${chance.pick(['', '+', '-'])}${chance.pick([0, 1, 2, 3, 4, 6, 7, 9, 12, 18, 21, 30, 300, 4294967299])}`
      : chance.pick(['', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'])
    return `${chance.is(0.03) ? ' ' : ''}${sign}${whole}${decimals}${suffix}${chance.is(0.03) ? '\u00a0' : ''}`
  }

  private anything(depth: number): unknown {
    const { chance } = this
    this.budget -= 1
    const kind = depth > 8 || this.budget <= 0 ? chance.int(6) : chance.int(8)
    switch (kind) {
      case 0:
        return null
      case 1:
        return chance.is(0.5)
      case 2:
        return chance.pick([0, 1, -5, 1.5, 1e21, 9007199254740993n, 18446744073709551616n, 1e-9])
      case 3:
      case 4:
      case 5:
        return chance.pick(['', 'x', '1', '10m', '2024-01-01T00:00:00Z', 'YQ=='])
      case 6:
        return Array.from({ length: chance.int(3) }, () => this.anything(depth + 1))
      default:
        return Object.fromEntries(
          Array.from({ length: chance.int(3) }, () => [
            chance.pick(['a', 'name', '$ref', 'type']),
            this.anything(depth + 1),
          ]),
        )
    }
  }
}

function misspelled(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
