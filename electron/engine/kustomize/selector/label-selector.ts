/**
 * Label selectors (`app in (a,b),!old,tier=web`), also applied to annotations. Semantics and error texts: k8s.io/apimachinery's labels.Parse
 * (the 0.19 copy that kyaml carries).
 */
import { BuildError } from '../build-error.ts'
import { quoteGo } from './quote-go.ts'

export interface LabelSelector {
  matches(labels: ReadonlyMap<string, string>): boolean
}

type Operator = '=' | '==' | '!=' | 'in' | 'notin' | '>' | '<' | 'exists' | '!'
interface Requirement {
  readonly key: string
  readonly operator: Operator
  readonly values: readonly string[]
}
type TokenKind = 'end' | 'error' | 'identifier' | ')' | '(' | ',' | '!' | '=' | '==' | '!=' | '>' | '<' | 'in' | 'notin'
interface Token {
  readonly kind: TokenKind
  readonly text: string
}

const everything: LabelSelector = { matches: () => true }

/** Parses a selector; '' selects everything. Throws BuildError TransformFailed with apimachinery's text. */
export function parseLabelSelector(selector: string): LabelSelector {
  if (selector === '') return everything
  const requirements = new Parser(scan(selector)).parse()
  if (requirements.length === 0) return everything
  return { matches: (labels) => requirements.every((requirement) => satisfies(requirement, labels)) }
}

function satisfies({ key, operator, values }: Requirement, labels: ReadonlyMap<string, string>): boolean {
  const value = labels.get(key)
  switch (operator) {
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case 'in':
    case '=':
    case '==':
      return value !== undefined && values.includes(value)
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value)
    case '>':
    case '<': {
      const left = value === undefined ? null : parseInt64(value)
      const right = parseInt64(values[0]!)
      if (left === null || right === null) return false
      return operator === '>' ? left > right : left < right
    }
  }
}

/** Go's strconv.ParseInt(text, 10, 64); null where it fails. */
function parseInt64(text: string): bigint | null {
  if (!/^[+-]?[0-9]+$/.test(text)) return null
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return value >= -(2n ** 63n) && value < 2n ** 63n ? value : null
}

const tokens = new Map<string, TokenKind>(
  ([')', ',', '!', '==', '=', '>', 'in', '<', '!=', 'notin', '('] as const).map((text) => [text, text]),
)

function isBlank(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\r' || char === '\n'
}

function isSpecial(char: string): boolean {
  return '=!(),><'.includes(char)
}

function scan(text: string): Token[] {
  const end = text.includes('\0') ? text.indexOf('\0') : text.length
  const result: Token[] = []
  let at = 0
  for (;;) {
    while (at < end && isBlank(text[at]!)) at++
    if (at >= end) {
      result.push({ kind: 'end', text: '' })
      return result
    }
    const start = at
    if (!isSpecial(text[at]!)) {
      while (at < end && !isSpecial(text[at]!) && !isBlank(text[at]!)) at++
      const word = text.slice(start, at)
      result.push({ kind: tokens.get(word) ?? 'identifier', text: word })
      continue
    }
    // The longest run that is an operator, allowing for a character that only its successor explains.
    let last: Token | null = null
    while (at < end && isSpecial(text[at]!)) {
      const run = text.slice(start, at + 1)
      const kind = tokens.get(run)
      if (kind !== undefined) last = { kind, text: run }
      else if (last !== null) break
      at++
    }
    result.push(last ?? { kind: 'error', text: `error expected: keyword found '${text.slice(start, at)}'` })
  }
}

function fail(message: string): never {
  throw new BuildError('TransformFailed', message)
}

class Parser {
  private readonly items: readonly Token[]
  private position = 0

  constructor(items: readonly Token[]) {
    this.items = items
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = []
    for (;;) {
      const { kind, text } = this.peek()
      if (kind === 'end') return requirements
      if (kind !== 'identifier' && kind !== '!') fail(`found '${text}', expected: !, identifier, or 'end of string'`)
      try {
        requirements.push(this.requirement())
      } catch (error) {
        throw error instanceof BuildError ? error.wrap('unable to parse requirement') : error
      }
      const next = this.take()
      if (next.kind === 'end') return requirements
      if (next.kind !== ',') fail(`found '${next.text}', expected: ',' or 'end of string'`)
      const after = this.peek()
      if (after.kind !== 'identifier' && after.kind !== '!') {
        fail(`found '${after.text}', expected: identifier after ','`)
      }
    }
  }

  /** `in` and `notin` are operators only where one is expected. */
  private peek(): Token {
    const token = this.items[this.position] ?? { kind: 'end', text: '' }
    return token.kind === 'in' || token.kind === 'notin' ? { kind: 'identifier', text: token.text } : token
  }

  private take(): Token {
    const token = this.peek()
    this.position++
    return token
  }

  private requirement(): Requirement {
    let token = this.take()
    let operator: Operator | null = null
    if (token.kind === '!') {
      operator = '!'
      token = this.take()
    }
    if (token.kind !== 'identifier') fail(`found '${token.text}', expected: identifier`)
    const key = token.text
    validateKey(key)
    const next = this.peek().kind
    if (operator === null && (next === 'end' || next === ',')) operator = 'exists'
    if (operator !== null) return makeRequirement(key, operator, [])
    const found = this.operator()
    const values = found === 'in' || found === 'notin' ? this.values() : this.exactValue()
    return makeRequirement(key, found, [...values].sort())
  }

  private operator(): Operator {
    const token = this.items[this.position] ?? { kind: 'end', text: '' }
    this.position++
    switch (token.kind) {
      case 'in':
      case 'notin':
      case '=':
      case '==':
      case '!=':
      case '>':
      case '<':
        return token.kind
      default:
        return fail(`found '${token.text}', expected: '=', '!=', '==', 'in', notin'`)
    }
  }

  private values(): Set<string> {
    const open = this.take()
    if (open.kind !== '(') fail(`found '${open.text}' expected: '('`)
    const first = this.peek()
    if (first.kind === ')') {
      this.take()
      return new Set([''])
    }
    if (first.kind !== 'identifier' && first.kind !== ',') {
      fail(`found '${first.text}', expected: ',', ')' or identifier`)
    }
    const values = this.identifiers()
    if (this.take().kind !== ')') fail(`found '${first.text}', expected: ')'`)
    return values
  }

  private identifiers(): Set<string> {
    const values = new Set<string>()
    for (;;) {
      const token = this.take()
      if (token.kind === 'identifier') {
        values.add(token.text)
        const next = this.peek()
        if (next.kind === ')') return values
        if (next.kind !== ',') fail(`found '${next.text}', expected: ',' or ')'`)
      } else if (token.kind === ',') {
        if (values.size === 0) values.add('')
        const next = this.peek()
        if (next.kind === ')') {
          values.add('')
          return values
        }
        if (next.kind === ',') {
          this.take()
          values.add('')
        }
      } else fail(`found '${token.text}', expected: ',', or identifier`)
    }
  }

  private exactValue(): Set<string> {
    const next = this.peek()
    if (next.kind === 'end' || next.kind === ',') return new Set([''])
    const token = this.take()
    if (token.kind !== 'identifier') fail(`found '${token.text}', expected: identifier`)
    return new Set([token.text])
  }
}

function makeRequirement(key: string, operator: Operator, values: readonly string[]): Requirement {
  if ((operator === '>' || operator === '<') && parseInt64(values[0]!) === null) {
    fail("for 'Gt', 'Lt' operators, the value must be an integer")
  }
  for (const value of values) validateValue(key, value)
  return { key, operator, values }
}

const nameRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const namePattern = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const nameExample = ` (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${namePattern}')`
const valueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const domainRule =
  "a DNS-1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
const domainPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'

/** `([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`, written so that no text can make it backtrack. */
function isName(text: string): boolean {
  return /^[-A-Za-z0-9_.]+$/.test(text) && !/^[-_.]|[-_.]$/.test(text)
}

function isDomain(text: string): boolean {
  return text.split('.').every((label) => /^[-a-z0-9]+$/.test(label) && !label.startsWith('-') && !label.endsWith('-'))
}

function validateKey(key: string): void {
  const faults: string[] = []
  const parts = key.split('/')
  const name = parts.at(-1)!
  if (parts.length > 2) {
    faults.push(
      `a qualified name ${nameRule}${nameExample} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    )
  } else {
    const prefix = parts.length === 2 ? parts[0]! : null
    if (prefix === '') faults.push('prefix part must be non-empty')
    else if (prefix !== null) {
      if (byteLength(prefix) > 253) faults.push('prefix part must be no more than 253 characters')
      if (!isDomain(prefix)) {
        faults.push(`prefix part ${domainRule} (e.g. 'example.com', regex used for validation is '${domainPattern}')`)
      }
    }
    if (name === '') faults.push('name part must be non-empty')
    else if (byteLength(name) > 63) faults.push('name part must be no more than 63 characters')
    if (!isName(name)) faults.push(`name part ${nameRule}${nameExample}`)
  }
  if (faults.length > 0) fail(`invalid label key ${quoteGo(key)}: ${faults.join('; ')}`)
}

function validateValue(key: string, value: string): void {
  const faults: string[] = []
  if (byteLength(value) > 63) faults.push('must be no more than 63 characters')
  if (value !== '' && !isName(value)) {
    faults.push(
      `${valueRule} (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${namePattern})?')`,
    )
  }
  if (faults.length > 0) {
    fail(`invalid label value: ${quoteGo(value)}: at key: ${quoteGo(key)}: ${faults.join('; ')}`)
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
