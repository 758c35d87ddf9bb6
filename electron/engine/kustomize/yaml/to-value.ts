/**
 * Nodes to plain values and back: go-yaml v3 decoding a resource into `map[string]interface{}`, with what it refuses (duplicate keys, tags
 * that do not fit, keys that JSON cannot hold), and sigs.k8s.io/yaml's YAML to JSON for the other dialect.
 */
import { BuildError } from '../build-error.ts'
import { formatFloatG, formatFloatJson } from './go-number.ts'
import type { GoMap, GoValue } from './go-value.ts'
import type { ScalarNode, Tag, YamlNode } from './node.ts'
import { MapNode, ScalarNode as Scalar, SequenceNode } from './node.ts'
import { booleanOfV2, plainTagV2 } from './resolve-v2.ts'
import { mismatchedTag, plainTagV3, readNumber } from './resolve-v3.ts'
import type { YamlDialect } from './tokens.ts'
import { readTimestamp } from './timestamp.ts'

export interface ToValueOptions {
  /** Default `v3`. */
  readonly dialect?: YamlDialect
  /** v2 only: refuse keys that stand twice, as UnmarshalStrict does; else the last one counts. */
  readonly isStrict?: boolean
  /** v3 only: as upstream has it that prints the node and reads it again: nothing at all within flow style is then an empty text. */
  readonly isReread?: boolean
}

/**
 * The node's value as upstream decodes it and then makes JSON of: timestamps are their RFC 3339 text, keys strings. Throws BuildError
 * InvalidYaml with upstream's text.
 */
export function nodeToGoValue(node: YamlNode, options: ToValueOptions = {}): GoValue {
  return options.dialect === 'v2'
    ? new DecoderV2(options.isStrict ?? false).decode(node)
    : decodeV3(node, options.isReread ?? false)
}

/** True where a scalar's text is read for its type: plain, or tagged as something else than what its quotes say. */
export function isReadAsText(node: ScalarNode): boolean {
  if (node.tag === '!!str') return true
  // A quoted scalar that code gave another tag loses it when upstream prints it, if the text alone would give the same tag.
  return node.style !== 'plain' && node.tag === plainTagV3(node.value)
}

function fail(message: string, node: YamlNode): never {
  throw new BuildError('InvalidYaml', message, node.line > 0 ? { line: node.line } : {})
}

/** Value of a scalar under v3. */
export function scalarToValueV3(node: ScalarNode): GoValue {
  if (isReadAsText(node)) return node.value
  return resolvedValue(node, node.tag === '' || node.tag === '!' ? plainTagV3(node.value) : node.tag, true)
}

function resolvedValue(node: ScalarNode, tag: Tag, isV3: boolean): GoValue {
  const { value } = node
  const mismatch = mismatchedTag(tag, value, isV3 ? plainTagV3 : plainTagV2)
  if (mismatch !== null) fail(`yaml: cannot decode ${mismatch} \`${value}\` as a ${tag}`, node)
  switch (tag) {
    case '!!null':
      return null
    case '!!bool':
      return booleanOfV2(value)
    case '!!int':
      return readNumber(value, isV3)?.value ?? value
    case '!!float':
      return floatOf(value, isV3)
    case '!!timestamp': {
      if (!isV3) return value
      const text = readTimestamp(value)
      if (text === 'invalid')
        fail(
          'json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: timezone hour outside of range [0,23]',
          node,
        )
      return text
    }
    case '!!binary':
      return decodeBinary(node)
    default:
      return value
  }
}

function floatOf(text: string, isV3: boolean): GoValue {
  const number = readNumber(text, isV3)
  if (number !== null) return typeof number.value === 'bigint' ? Number(number.value) : number.value
  const lower = text.toLowerCase()
  if (lower.endsWith('nan')) return NaN
  return lower.startsWith('-') ? -Infinity : Infinity
}

/** `!!binary`: the bytes as Go's JSON writes them, each invalid one as U+FFFD. */
function decodeBinary(node: ScalarNode): string {
  const text = node.value.replace(/[\r\n]/g, '')
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    fail('yaml: !!binary value contains invalid base64 data', node)
  const binary = atob(text)
  let out = ''
  for (let i = 0; i < binary.length;) {
    const octet = binary.charCodeAt(i)
    const width = octet < 0x80 ? 1 : octet >> 5 === 6 ? 2 : octet >> 4 === 14 ? 3 : octet >> 3 === 30 ? 4 : 0
    let code = width === 1 ? octet : octet & (0x7f >> width)
    let isValid = width > 0 && i + width <= binary.length
    for (let k = 1; k < width && isValid; k++) {
      const trailing = binary.charCodeAt(i + k)
      if ((trailing & 0xc0) !== 0x80) isValid = false
      code = code * 64 + (trailing & 0x3f)
    }
    const lowest = [0, 0, 0x80, 0x800, 0x10000][width]!
    if (!isValid || code < lowest || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
      out += '\ufffd'
      i++
    } else {
      out += String.fromCodePoint(code)
      i += width
    }
  }
  return out
}

interface DecodeState {
  readonly errors: string[]
  unprintable: MapNode | null
  readonly isReread: boolean
  /** Collections in flow style around; counted for what is read again only. */
  flowDepth: number
}

/** As `nodeToGoValue`, for a whole resource: anything but a map or a list is refused. */
export function resourceToGoValue(node: YamlNode): GoValue {
  return node.kind === 'scalar' ? refuseScalar(node) : decodeV3(node, false)
}

function decodeV3(node: YamlNode, isReread: boolean): GoValue {
  const state: DecodeState = { errors: [], unprintable: null, isReread, flowDepth: 0 }
  const value = decodeNodeV3(node, true, state)
  if (state.errors.length > 0) fail(`yaml: unmarshal errors:\n  ${state.errors.join('\n  ')}`, node)
  // Deeper maps with other keys than strings become `map[interface {}]interface {}`, which JSON refuses.
  if (state.unprintable !== null) fail('json: unsupported type: map[interface {}]interface {}', state.unprintable)
  return value
}

function refuseScalar(node: ScalarNode): never {
  scalarToValueV3(node)
  const { value } = node
  const bytes = new TextEncoder().encode(value)
  const excerpt = bytes.length > 10 ? `${new TextDecoder().decode(bytes.subarray(0, 7))}...` : value
  return fail(
    `yaml: unmarshal errors:\n  line 1: cannot unmarshal ${node.tag} \`${excerpt}\` into map[string]interface {}`,
    node,
  )
}

function decodeNodeV3(node: YamlNode, isRoot: boolean, state: DecodeState): GoValue {
  if (node.kind === 'scalar') return node.value === '' && state.flowDepth > 0 ? '' : scalarToValueV3(node)
  if (state.isReread && node.isFlow) state.flowDepth++
  const value =
    node.kind === 'sequence'
      ? node.items.map((item) => decodeNodeV3(item, false, state))
      : decodeMapV3(node, isRoot, state)
  if (state.isReread && node.isFlow) state.flowDepth--
  return value
}

function decodeMapV3(node: MapNode, isRoot: boolean, state: DecodeState): GoMap {
  if (reportDuplicates(node, state)) return new Map()
  const isPlain = node.keys.every((key) => key.kind === 'scalar' && (isReadAsText(key) || key.tag === '!!merge'))
  if (!isPlain && !isRoot) state.unprintable ??= node
  const result: GoMap = new Map()
  let merge: YamlNode | null = null
  node.keys.forEach((key, index) => {
    const value = node.values[index]!
    if (key.kind !== 'scalar') {
      if (!isRoot) fail(`yaml: invalid map key: ${goSyntaxOf(key, true)}`, key)
      state.errors.push(`line ${key.line}: cannot unmarshal ${key.kind === 'map' ? '!!map' : '!!seq'} into string`)
      return
    }
    if (key.tag === '!!merge' && key.value === '<<') {
      merge = value
      return
    }
    const name = keyText(key)
    if (name !== null) result.set(name, decodeNodeV3(value, false, state))
  })
  if (merge !== null) mergeV3(result, merge, state)
  return result
}

/** The key that go-yaml makes of a scalar for `map[string]interface{}`; null for a null key, which is dropped. */
function keyText(key: ScalarNode): string | null {
  if (isReadAsText(key)) return key.value
  const value = scalarToValueV3(key)
  if (value === null) return null
  return key.tag === '!!binary' && typeof value === 'string' ? value : key.value
}

function reportDuplicates(node: MapNode, state: DecodeState): boolean {
  const { errors } = state
  const before = errors.length
  const { keys } = node
  const seen = new Map<string, YamlNode[]>()
  for (const key of keys) {
    const name = `${key.kind}\0${key.kind === 'scalar' ? key.value : ''}`
    const same = seen.get(name)
    if (same === undefined) seen.set(name, [key])
    else same.push(key)
  }
  if (seen.size === keys.length) return false
  for (const key of keys) {
    const same = seen.get(`${key.kind}\0${key.kind === 'scalar' ? key.value : ''}`)!
    for (const other of same.slice(same.indexOf(key) + 1))
      errors.push(
        `line ${other.line}: mapping key ${quoteGoString(other.kind === 'scalar' ? other.value : '')} already defined at line ${key.line}`,
      )
  }
  return errors.length > before
}

const GO_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
])
const GO_PRINTABLE = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

/** Go's `%q` and `%#v` of a string (strconv.Quote). */
function quoteGoString(text: string): string {
  let out = '"'
  for (const char of text) {
    const code = char.codePointAt(0)!
    const escape = GO_ESCAPES.get(char)
    if (escape !== undefined) out += escape
    else if (GO_PRINTABLE.test(char)) out += char
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, '0')}`
    else if (code <= 0xffff) out += `\\u${code.toString(16).padStart(4, '0')}`
    else out += `\\U${code.toString(16).padStart(8, '0')}`
  }
  return `${out}"`
}

function mergeV3(into: GoMap, source: YamlNode, state: DecodeState): void {
  const sources = source.kind === 'sequence' ? source.items : [source]
  for (const item of sources) {
    if (item.kind !== 'map') fail('yaml: map merge requires map or sequence of maps as the value', item)
    for (const [key, value] of decodeMapV3(item, true, state)) if (!into.has(key)) into.set(key, value)
  }
}

/** sigs.k8s.io/yaml: go-yaml v2 into `interface{}`, then to what JSON can hold. */
class DecoderV2 {
  private readonly isStrict: boolean
  private readonly errors: string[] = []
  private unsupported: string | null = null

  constructor(isStrict: boolean) {
    this.isStrict = isStrict
  }

  decode(node: YamlNode): GoValue {
    const value = this.value(node)
    if (this.errors.length > 0) fail(`yaml: unmarshal errors:\n  ${this.errors.join('\n  ')}`, node)
    if (this.unsupported !== null) fail(this.unsupported, node)
    return value
  }

  private value(node: YamlNode): GoValue {
    if (node.kind === 'scalar') return this.scalar(node)
    if (node.kind === 'sequence') return node.items.map((item) => this.value(item))
    const result: GoMap = new Map()
    this.fill(node, result)
    return result
  }

  private scalar(node: ScalarNode): GoValue {
    if (node.tag === '!!str') return node.value
    return resolvedValue(node, node.tag === '' ? plainTagV2(node.value) : node.tag, false)
  }

  private fill(node: MapNode, result: GoMap): void {
    node.keys.forEach((key, index) => {
      const value = node.values[index]!
      if (key.kind === 'scalar' && key.tag === '!!merge' && key.value === '<<') this.merge(value, result)
      else {
        const name = this.key(key, value)
        const decoded = this.value(value)
        if (this.isStrict && result.has(name))
          this.errors.push(`line ${value.line}: key ${this.printed(key)} already set in map`)
        else result.set(name, decoded)
      }
    })
  }

  private printed(key: YamlNode): string {
    if (key.kind !== 'scalar') return ''
    const value = this.scalar(key)
    if (typeof value === 'string') return quoteGoString(value)
    return typeof value === 'object' ? '' : String(value)
  }

  private key(key: YamlNode, value: YamlNode): string {
    if (key.kind !== 'scalar') fail(`yaml: invalid map key: ${goSyntaxOf(key, false)}`, key)
    const decoded = this.scalar(key)
    if (typeof decoded === 'string') return decoded
    if (typeof decoded === 'boolean') return String(decoded)
    if (typeof decoded === 'bigint') {
      if (decoded <= 9223372036854775807n) return String(decoded)
      return this.refuse(`uint64, key: 0x${decoded.toString(16)}`, value)
    }
    if (typeof decoded === 'number') {
      if (key.tag !== '!!float') return formatFloatJson(decoded)
      const text = formatFloat32(decoded)
      return text === '+Inf' ? '.inf' : text === '-Inf' ? '-.inf' : text === 'NaN' ? '.nan' : text
    }
    return this.refuse('%!s(<nil>), key: <nil>', value)
  }

  /** Keys that JSON cannot hold are found out when all is decoded. */
  private refuse(what: string, value: YamlNode): string {
    this.unsupported ??= `unsupported map key of type: ${what}, value: ${goSyntaxOf(value, false)}`
    return ''
  }

  private merge(source: YamlNode, result: GoMap): void {
    if (source.kind === 'map') this.fill(source, result)
    else if (source.kind === 'sequence') {
      for (const item of source.items.toReversed()) {
        if (item.kind !== 'map') fail('yaml: map merge requires map or sequence of maps as the value', item)
        this.fill(item, result)
      }
    } else fail('yaml: map merge requires map or sequence of maps as the value', source)
  }
}

/** Go's `%#v` of what the node decodes to. */
export function goSyntaxOf(node: YamlNode, isV3: boolean): string {
  if (node.kind === 'sequence')
    return `[]interface {}{${node.items.map((item) => goItemSyntax(item, isV3)).join(', ')}}`
  if (node.kind === 'map') {
    const hasStringKeys = isV3 && node.keys.every((key) => key.kind === 'scalar' && key.tag === '!!str')
    const entries = node.keys.map(
      (key, index) => `${goItemSyntax(key, isV3)}:${goItemSyntax(node.values[index]!, isV3)}`,
    )
    return `map[${hasStringKeys ? 'string' : 'interface {}'}]interface {}{${entries.sort().join(', ')}}`
  }
  const value = nodeToGoValue(node, { dialect: isV3 ? 'v3' : 'v2' })
  if (value === null) return '<nil>'
  if (typeof value === 'string') return quoteGoString(value)
  if (typeof value === 'bigint' && value > 9223372036854775807n) return `0x${value.toString(16)}`
  if (typeof value === 'number' && node.tag === '!!float') return formatFloatG(value)
  return typeof value === 'object' ? '' : String(value)
}

function goItemSyntax(node: YamlNode, isV3: boolean): string {
  const text = goSyntaxOf(node, isV3)
  return text === '<nil>' ? 'interface {}(nil)' : text
}

/** Go's `FormatFloat(value, 'g', -1, 32)`: the shortest digits that give the same float32. */
export function formatFloat32(value: number): string {
  const single = Math.fround(value)
  if (!Number.isFinite(single) || single === 0) return formatFloatG(single)
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(single.toPrecision(digits))
    if (Math.fround(candidate) === single) return formatFloatG(candidate)
  }
  return formatFloatG(single)
}

/** A tree for a plain value, as kyaml's FromMap gives one (keys sorted by bytes); strings carry `!!str`, so printing quotes where it must. */
export function goValueToNode(value: GoValue): YamlNode {
  if (value === null) return new Scalar('null', '!!null', 'plain', 0)
  if (typeof value === 'string') return new Scalar(value, '!!str', 'plain', 0)
  if (typeof value === 'boolean') return new Scalar(String(value), '!!bool', 'plain', 0)
  if (typeof value === 'bigint') return new Scalar(String(value), '!!int', 'plain', 0)
  if (typeof value === 'number')
    return Number.isInteger(value)
      ? new Scalar(formatFloatJson(value), plainTagV3(formatFloatJson(value)), 'plain', 0)
      : new Scalar(floatText(value), '!!float', 'plain', 0)
  if (Array.isArray(value)) return new SequenceNode(value.map(goValueToNode))
  const keys = [...value.keys()].sort((a, b) => (a < b ? -1 : 1))
  return new MapNode(
    keys.map((key) => new Scalar(key, '!!str', 'plain', 0)),
    keys.map((key) => goValueToNode(value.get(key)!)),
  )
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  return formatFloatG(value)
}
