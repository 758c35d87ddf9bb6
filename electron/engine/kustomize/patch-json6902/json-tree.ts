/**
 * JSON as JSON patches see it: scalars of a patch keep the text that they were written in, because `test` compares texts. Semantics:
 * encoding/json and evanphx/json-patch v4.
 */
import { decodeJson, encodeJson } from '../yaml/go-json.ts'
import { formatFloatG } from '../yaml/go-number.ts'
import type { GoValue } from '../yaml/go-value.ts'
import type { ScalarNode, YamlNode } from '../yaml/node.ts'
import { makeNull, makeScalar, makeString, MapNode, SequenceNode } from '../yaml/node.ts'
import { plainTagV2 } from '../yaml/resolve-v2.ts'
import { plainTagV3 } from '../yaml/resolve-v3.ts'

/** A scalar with the text of its source. */
export class RawScalar {
  readonly raw: string
  readonly value: string | number | bigint | boolean

  constructor(raw: string, value: string | number | bigint | boolean) {
    this.raw = raw
    this.value = value
  }
}

export type Json = null | RawScalar | string | number | bigint | boolean | Json[] | JsonMap
export type JsonMap = Map<string, Json>

/** Parses a JSON text, scalars with their source text. Throws BuildError InvalidYaml with Go's text. */
export function parseJson(text: string): Json {
  decodeJson(text)
  return new RawReader(text).read()
}

/** Reads JSON that is known to be valid. */
class RawReader {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  read(): Json {
    this.skipBlanks()
    const char = this.text[this.at]
    if (char === '{') return this.readMap()
    if (char === '[') return this.readList()
    const raw = char === '"' ? this.readString() : this.readWord()
    return raw === 'null' ? null : new RawScalar(raw, decodeJson(raw) as string | number | bigint | boolean)
  }

  private readMap(): JsonMap {
    const result: JsonMap = new Map()
    this.at++
    for (this.skipBlanks(); this.text[this.at] !== '}'; this.skipBlanks()) {
      if (this.text[this.at] === ',') {
        this.at++
        this.skipBlanks()
      }
      const key = decodeJson(this.readString()) as string
      this.skipBlanks()
      this.at++
      result.set(key, this.read())
    }
    this.at++
    return result
  }

  private readList(): Json[] {
    const result: Json[] = []
    this.at++
    for (this.skipBlanks(); this.text[this.at] !== ']'; this.skipBlanks()) {
      if (this.text[this.at] === ',') this.at++
      result.push(this.read())
    }
    this.at++
    return result
  }

  private readString(): string {
    const start = this.at++
    while (this.text[this.at] !== '"') this.at += this.text[this.at] === '\\' ? 2 : 1
    return this.text.slice(start, ++this.at)
  }

  private readWord(): string {
    const start = this.at
    while (this.at < this.text.length && !',]} \t\r\n'.includes(this.text[this.at]!)) this.at++
    return this.text.slice(start, this.at)
  }

  private skipBlanks(): void {
    while (this.at < this.text.length && ' \t\r\n'.includes(this.text[this.at]!)) this.at++
  }
}

/** A deep copy; scalars are shared. */
export function copyJson(value: Json): Json {
  if (Array.isArray(value)) return value.map(copyJson)
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [key, copyJson(inner)]))
  return value
}

function rawOf(scalar: RawScalar | string | number | bigint | boolean): string {
  return scalar instanceof RawScalar ? scalar.raw : encodeJson(scalar)
}

/** json-patch's equality: maps and lists by content, scalars by the text of their JSON. */
export function equalJson(left: Json, right: Json): boolean {
  if (left === null || right === null) return left === right
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => equalJson(item, right[index]!))
    )
  }
  if (left instanceof Map) {
    if (!(right instanceof Map) || left.size !== right.size) return false
    for (const [key, value] of left) {
      const other = right.get(key)
      if (other === undefined || !equalJson(value, other)) return false
    }
    return true
  }
  return !Array.isArray(right) && !(right instanceof Map) && rawOf(left) === rawOf(right)
}

/** The value that a document held, for changing. The lists and maps are the value's own. */
export function jsonOf(value: GoValue): Json {
  return value
}

/**
 * The tree that upstream makes of the patched JSON: numbers are float64 (`3e+07` for 30000000, large integers lose digits), keys sorted,
 * texts in quotes where YAML would read them as something else.
 */
export function jsonToNode(value: Json): YamlNode {
  if (value === null) return makeNull()
  if (value instanceof RawScalar) return jsonToNode(value.value)
  if (typeof value === 'string') return stringNode(value)
  if (typeof value === 'boolean') return makeScalar(String(value), '!!bool')
  if (typeof value === 'number' || typeof value === 'bigint') {
    const text = formatFloatG(Number(value))
    return makeScalar(text, plainTagV3(text))
  }
  if (Array.isArray(value)) return new SequenceNode(value.map(jsonToNode))
  const keys = [...value.keys()].sort((a, b) => (a < b ? -1 : 1))
  return new MapNode(
    keys.map((key) => makeString(key)),
    keys.map((key) => jsonToNode(value.get(key)!)),
  )
}

function stringNode(text: string): ScalarNode {
  const node = makeString(text)
  if (text.includes('\n')) node.style = 'literal'
  else if (plainTagV3(text) !== '!!str' || plainTagV2(text) !== '!!str') node.style = 'double'
  else if (!/^[A-Za-z0-9/_.$][\w/.$+ -]*$/.test(text) && !isPlainText(text)) node.style = 'single'
  return node
}

/** Roughly go-yaml's analysis of what may stand without quotes in a block. */
function isPlainText(text: string): boolean {
  return !(
    /^[-?:,[\]{}#&*!|>'"%@`]/.test(text) ||
    /: |:$| #|^\s|\s$/.test(text) ||
    text.startsWith('---') ||
    text.startsWith('...')
  )
}
