/**
 * Resources to YAML text, byte for byte as kustomize prints them. Upstream prints the node (v3), reads that text again into plain maps, makes
 * JSON of them and YAML (v2) of that; here the text comes straight from the tree. What the detour would change or refuse is noticed on the
 * way, and such a tree takes it: `emitByDetour`.
 */
import { BuildError } from '../build-error.ts'
import { LINE_SEPARATOR, PARAGRAPH_SEPARATOR, SPACE, TAB } from './chars.ts'
import { rereadFolded } from './emit-v3.ts'
import { encodeJson } from './go-json.ts'
import { emitV3 } from './emit-v3.ts'
import { formatFloatG, formatFloatJson } from './go-number.ts'
import type { GoValue } from './go-value.ts'
import { isNaturallyLess } from './natural-order.ts'
import type { MapNode, ScalarNode, SequenceNode, YamlNode } from './node.ts'
import { parseDocuments } from './parse.ts'
import { mismatchedTag, plainTagV3, readNumber } from './resolve-v3.ts'
import { readTimestamp } from './timestamp.ts'
import { isReadAsText, nodeToGoValue, resourceToGoValue, scalarToValueV3 } from './to-value.ts'
import { isOrdinary, isSimpleKey, pad, writeString } from './write-v2.ts'

/** kustomize's AsYaml of a resource: block YAML ending in a line break. Throws BuildError InvalidYaml with upstream's text. */
export function emitNode(node: YamlNode): string {
  const fast = new Writer(true).write(node)
  return fast ?? emitByDetour(node)
}

/** sigs.k8s.io/yaml's Marshal of a plain value. Throws BuildError InvalidYaml with upstream's text. */
export function emitValue(value: GoValue): string {
  return emitJson(encodeJson(value))
}

/** go-yaml v2's text of a tree whose maps stand in the order in which they are to be printed, its scalars tagged by what they are. */
export function emitGivenOrder(node: YamlNode): string {
  const text = new Writer(false, true).write(node)
  if (text === null) throw new BuildError('InvalidYaml', 'yaml: cannot print this value')
  return text
}

/** Upstream's own way, text and all: what it changes, drops or refuses (with which line) shows. */
function emitByDetour(node: YamlNode): string {
  const [reread] = parseDocuments(emitV3(node), { documents: 'first', mergesKeys: false })
  return emitJson(encodeJson(reread === undefined ? new Map() : resourceToGoValue(reread)))
}

/** sigs.k8s.io/yaml's JSONToYAML: the JSON text is read as YAML, with what that means for odd characters and long keys. */
function emitJson(json: string): string {
  const [node] = parseDocuments(json, { dialect: 'v2', documents: 'first', limits: { maxLength: Infinity } })
  const text = node === undefined ? null : new Writer(false).write(node)
  if (text === null) throw new BuildError('InvalidYaml', 'yaml: cannot print this value')
  return text
}

// Characters that JSON leaves as they are but YAML refuses or folds.
const ODD = /[\x7f-\x9f\ud800-\udfff\ufffe\uffff]/
const ODD_STRICT = /[\x7f-\x9f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** A line break with more behind it. */
const MULTILINE = /[\n\u2028\u2029]./s

const LONG_KEY = 160
/** Ordinary keys up to this length stand before their `:` on one line. */
const MAX_ORDINARY_KEY = 128

class Writer {
  /** True while the tree is a resource's: then what needs the detour gives up. */
  private readonly isResource: boolean
  /** True where maps are printed as they stand. */
  private readonly keepsOrder: boolean
  private out = ''
  private needsDetour = false
  /** Collections in flow style around the current node. */
  private flowDepth = 0

  constructor(isResource: boolean, keepsOrder = false) {
    this.isResource = isResource
    this.keepsOrder = keepsOrder
  }

  write(node: YamlNode): string | null {
    if (node.kind === 'map' && node.keys.length > 0) this.writeMap(node, 0, true)
    else if (node.kind === 'sequence' && node.items.length > 0) this.writeSequence(node, 0, true)
    else if (node.kind === 'scalar' && this.isResource) return null
    else {
      this.writeLine(this.inlineText(node, 0, 2), node.kind === 'scalar' ? node.value : '')
    }
    return this.needsDetour ? null : this.out
  }

  /** A scalar and its line break; a literal that ends in one of Unicode's own line breaks has ended its line. */
  private writeLine(text: string, value: string): void {
    const last = value.charCodeAt(value.length - 1)
    const hasEnded =
      (last === LINE_SEPARATOR || last === PARAGRAPH_SEPARATOR) && text.charCodeAt(text.length - 1) === last
    this.out += hasEnded ? text : `${text}\n`
  }

  /** Keys in printing order, as indexes; null where the map is in order already. */
  private order(keys: readonly YamlNode[]): number[] | null {
    let isSorted = true
    for (let i = 1; i < keys.length; i++) {
      const a = (keys[i - 1] as ScalarNode).value
      const b = (keys[i] as ScalarNode).value
      if (a === b) this.needsDetour = true
      if (!isNaturallyLess(a, b)) {
        isSorted = false
        break
      }
    }
    if (isSorted) return null
    const order = keys.map((_, index) => index)
    if (order.length <= 12) {
      for (let i = 1; i < order.length; i++) {
        const index = order[i]!
        const key = (keys[index] as ScalarNode).value
        let j = i
        while (j > 0 && isNaturallyLess(key, (keys[order[j - 1]!] as ScalarNode).value)) {
          order[j] = order[j - 1]!
          j--
        }
        order[j] = index
      }
    } else {
      order.sort((x, y) => {
        const a = (keys[x] as ScalarNode).value
        const b = (keys[y] as ScalarNode).value
        return a === b ? 0 : isNaturallyLess(a, b) ? -1 : 1
      })
    }
    for (let i = 1; i < order.length; i++)
      if ((keys[order[i - 1]!] as ScalarNode).value === (keys[order[i]!] as ScalarNode).value) this.needsDetour = true
    return order
  }

  private writeMap(node: MapNode, indent: number, isFirstInLine: boolean): void {
    const { keys, values } = node
    for (const key of keys) {
      if (key.kind !== 'scalar' || key.tag !== '!!str' || key.style === 'folded' || key.style === 'literal') {
        this.needsDetour = true
        return
      }
    }
    const order = this.keepsOrder ? null : this.order(keys)
    const margin = pad(indent)
    if (node.isFlow && this.isResource) this.flowDepth++
    for (let i = 0; i < keys.length; i++) {
      if (this.needsDetour) return
      const index = order === null ? i : order[i]!
      const key = (keys[index] as ScalarNode).value
      this.writeEntry(i > 0 || !isFirstInLine ? margin : '', key, values[index]!, indent)
    }
    if (node.isFlow && this.isResource) this.flowDepth--
  }

  private writeEntry(lead: string, key: string, value: YamlNode, indent: number): void {
    let text = key
    let width = key.length
    if (!isOrdinary(key) || width > MAX_ORDINARY_KEY) {
      if (this.isResource && (width > LONG_KEY || ODD.test(key))) this.checkKey(key)
      if (!isSimpleKey(key)) {
        this.out += lead
        this.writeComplexEntry(key, value, indent)
        return
      }
      text = writeString(key, indent, indent + 2, true)
      width = characters(text)
    }
    if (value.kind === 'map' && value.keys.length > 0) {
      this.out += `${lead}${text}:\n`
      this.writeMap(value, indent + 2, false)
    } else if (value.kind === 'sequence' && value.items.length > 0) {
      this.out += `${lead}${text}:\n`
      this.writeSequence(value, indent, false)
    } else {
      const scalar = this.inlineText(value, indent + width + 2, indent + 2)
      this.writeLine(`${lead}${text}: ${scalar}`, value.kind === 'scalar' ? value.value : '')
    }
  }

  private writeComplexEntry(key: string, value: YamlNode, indent: number): void {
    this.writeLine(`? ${writeString(key, indent + 2, indent + 2, false)}`, key)
    this.out += `${pad(indent)}: `
    this.writeNested(value, indent)
  }

  /** What stands behind `- ` or `: ` of a complex key: a collection begins on the same line. */
  private writeNested(value: YamlNode, indent: number): void {
    if (value.kind === 'map' && value.keys.length > 0) this.writeMap(value, indent + 2, true)
    else if (value.kind === 'sequence' && value.items.length > 0) this.writeSequence(value, indent + 2, true)
    else {
      this.writeLine(this.inlineText(value, indent + 2, indent + 2), value.kind === 'scalar' ? value.value : '')
    }
  }

  private writeSequence(node: SequenceNode, indent: number, isFirstInLine: boolean): void {
    const { items } = node
    const margin = pad(indent)
    if (node.isFlow && this.isResource) this.flowDepth++
    for (let i = 0; i < items.length; i++) {
      this.out += i > 0 || !isFirstInLine ? `${margin}- ` : '- '
      this.writeNested(items[i]!, indent)
      if (this.needsDetour) return
    }
    if (node.isFlow && this.isResource) this.flowDepth--
  }

  /** A scalar, or an empty collection. */
  private inlineText(node: YamlNode, column: number, indent: number): string {
    if (node.kind === 'map') return '{}'
    if (node.kind === 'sequence') return '[]'
    const { value } = node
    switch (node.tag) {
      case '!!str':
        if (this.isResource && (node.style === 'folded' || value.charCodeAt(0) === TAB)) {
          // Upstream prints the node and reads it again: folded text of several lines may not come back as it was,
          // and a tab where indentation is looked for is refused.
          if (mayBeRefused(node)) this.needsDetour = true
          else if (node.style === 'folded' && this.flowDepth === 0 && mayFoldAnew(value))
            return this.stringText(rereadFolded(value), column, indent)
        }
        return this.stringText(value, column, indent)
      case '!!int':
        if (this.isPlainNumber(node)) return value
        break
      case '!!bool':
        if (node.style === 'plain') {
          if (value === 'true' || value === 'True' || value === 'TRUE') return 'true'
          if (value === 'false' || value === 'False' || value === 'FALSE') return 'false'
        }
        break
      case '!!null':
        // v3 prints an empty null in flow style as an empty string, and reads it again as one.
        if (value === '' && this.flowDepth > 0) return '""'
        if (node.style === 'plain' && (value === '' || value === 'null' || value === '~')) return 'null'
        break
      default:
        break
    }
    return this.otherText(node, column, indent)
  }

  private isPlainNumber(node: ScalarNode): boolean {
    const { value } = node
    const { length } = value
    if (length === 0 || length > 15 || node.style !== 'plain') return false
    const first = value.charCodeAt(0)
    if (first === 0x30) return length === 1
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      if (code < 0x30 || code > 0x39) return false
    }
    return true
  }

  private stringText(value: string, column: number, indent: number): string {
    if (isOrdinary(value)) return value
    if (this.isResource && ODD.test(value) && ODD_STRICT.test(value)) this.needsDetour = true
    return writeString(value, column, indent, false)
  }

  private otherText(node: ScalarNode, column: number, indent: number): string {
    if (!this.isResource) return this.valueText(jsonScalar(node), column, indent)
    if (!isReadable(node)) {
      this.needsDetour = true
      return ''
    }
    return this.valueText(scalarToValueV3(node), column, indent)
  }

  private valueText(value: GoValue, column: number, indent: number): string {
    if (value === null) return 'null'
    if (typeof value === 'string') return this.stringText(value, column, indent)
    if (typeof value === 'number') return numberText(value)
    return typeof value === 'object' ? '' : String(value)
  }

  /** Long keys are too long for a simple key once they are JSON: reading that fails, as upstream's does. */
  private checkKey(key: string): void {
    if (ODD_STRICT.test(key) || key.length * 6 + 2 > 1024) this.needsDetour = true
  }
}

/** True for a plain scalar of a common type that fits its tag; upstream's way shows what comes of others. */
function isReadable(node: ScalarNode): boolean {
  if (node.style !== 'plain' && !isReadAsText(node)) return false
  switch (node.tag) {
    case '!!int':
    case '!!bool':
    case '!!null':
      return mismatchedTag(node.tag, node.value, plainTagV3) === null
    case '!!timestamp':
      return readTimestamp(node.value) !== null && readTimestamp(node.value) !== 'invalid'
    case '!!float':
      return readNumber(node.value, true)?.isFloat ?? false
    default:
      return node.style !== 'plain'
  }
}

function mayBeRefused(node: ScalarNode): boolean {
  const { style, value } = node
  return (
    value.charCodeAt(0) === TAB &&
    style !== 'double' &&
    style !== 'single' &&
    (style !== 'plain' || value.includes('\n'))
  )
}

function mayFoldAnew(text: string): boolean {
  return text.charCodeAt(0) === SPACE || MULTILINE.test(text)
}

function characters(text: string): number {
  let pairs = 0
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) pairs++
  return text.length - pairs
}

/** A number that went through JSON: `1.0` is an integer again, and what JSON writes without a point is read as one if it fits 64 bits. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
    throw new BuildError('InvalidYaml', `json: unsupported value: ${name}`)
  }
  const json = formatFloatJson(value)
  const read = readNumber(json, false)
  return read !== null && !read.isFloat ? String(read.value) : formatFloatG(value)
}

/** A scalar of a JSON text read by v2. */
function jsonScalar(node: ScalarNode): GoValue {
  return nodeToGoValue(node, { dialect: 'v2' })
}
