/**
 * cel/: CEL as Flux's controllers run it (cel-go with ext strings, sets and encoders, optionals, numbers compared across types), on @bufbuild/cel.
 * Knows expressions and values; must not know what they decide. What the controllers would take and this evaluator cannot is `unsupported`, never
 * guessed at. Semantics: fluxcd/pkg runtime/cel.
 */
import { celEnv, isCelError, parse, plan } from '@bufbuild/cel'
import type { CelInput } from '@bufbuild/cel'
import { strings } from '@bufbuild/cel/ext'
import { RE2JS } from 're2js'
import { fluxFunctions, presenceFunction } from './cel-functions.ts'
import { readSource } from './cel-source.ts'

export type Evaluated =
  { readonly value: boolean; readonly error: null } | { readonly value: null; readonly error: string }

export type CelProgram =
  | {
      readonly ok: true
      readonly tree: CelNode
      readonly evaluate: (variables: Record<string, CelInput>) => Evaluated
    }
  /** `message` without the words around it. */
  | { readonly ok: false; readonly why: 'invalid' | 'unsupported'; readonly message: string }

/** A node of the parsed expression. */
export type CelNode = NonNullable<ReturnType<typeof parse>['expr']>

const env = celEnv({ funcs: [...strings, ...fluxFunctions], re2: { compile: (pattern) => RE2JS.compile(pattern) } })

/** Longer ones nobody writes; reading them takes time. */
const maxLength = 16_384
/** Loops in loops in loops: an object with lists of a thousand would hold the thread. */
const maxLoopDepth = 2
/** Of cel-go's library of optional values; `of`, `or` and `first` are too short to mean anything else. */
const optionalNames: ReadonlySet<string> = new Set([
  '_?._',
  '_[?_]',
  'optMap',
  'optFlatMap',
  'hasValue',
  'orValue',
  'unwrapOpt',
  'ofNonZeroValue',
  'none',
  'of',
  'or',
  'first',
  'last',
  'value',
  'unwrap',
])

/** Compiles once; `evaluate` never throws. `invalid` comes with the controllers' words for it, as far as they are known. */
export function compileCel(text: string): CelProgram {
  if (text.length > maxLength) return unsupported(`it is longer than ${String(maxLength)} characters`)
  const source = readSource(text)
  if (source.fault !== '') return unreadable(text, source.fault)
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(source.text)
  } catch (error) {
    // Valid CEL that the parser does not know.
    return source.hasOptionals ? unsupported(optionalValues) : unreadable(text, firstLine(error))
  }
  if (parsed.expr === undefined) return unreadable(text, 'no expression')
  // A macro of later versions.
  for (const { exprKind } of Object.values(parsed.sourceInfo?.macroCalls ?? {}))
    if (exprKind.case === 'callExpr' && exprKind.value.function === 'existsOne')
      return unsupported('it uses existsOne, which the controllers have no macro for')
  let tree: CelNode
  let run: ReturnType<typeof plan>
  try {
    tree = readTree(parsed.expr, 0)
    foldConstants(tree)
    run = plan(env, tree)
  } catch (error) {
    if (error instanceof Refused) return error.program(text)
    return unsupported(firstLine(error))
  }
  return {
    ok: true,
    // As it was written, for the checker.
    tree: parsed.expr,
    evaluate(variables) {
      let result: ReturnType<typeof run>
      try {
        result = run(variables)
      } catch (error) {
        return failed(text, firstLine(error))
      }
      if (isCelError(result)) return failed(text, wordsOf(result.message))
      if (typeof result !== 'boolean')
        return { value: null, error: `failed to evaluate CEL expression as boolean: '${text}'` }
      return { value: result, error: null }
    },
  }
}

const optionalValues = 'it uses optional values'

class Refused extends Error {
  readonly why: 'unsupported' | 'unreadable' | 'uncreatable'

  constructor(why: Refused['why'], message: string) {
    super(message)
    this.why = why
  }

  program(text: string): CelProgram {
    if (this.why === 'unsupported') return unsupported(this.message)
    if (this.why === 'unreadable') return unreadable(text, this.message)
    return { ok: false, why: 'invalid', message: `failed to create CEL program: ${this.message}` }
  }
}

function unsupported(message: string): CelProgram {
  return { ok: false, why: 'unsupported', message }
}

function unreadable(text: string, message: string): CelProgram {
  return { ok: false, why: 'invalid', message: `failed to parse the CEL expression '${text}': ${message}` }
}

function failed(text: string, why: string): Evaluated {
  return { value: null, error: `failed to evaluate the CEL expression '${text}': ${why}` }
}

/** cel-go's words for the faults that people meet. */
function wordsOf(message: string): string {
  const missing = /^field not found: (.*)$/s.exec(message)
  if (missing !== null) return `no such key: ${missing[1] ?? ''}`
  if (message.startsWith('found no matching overload') || message.startsWith('unbound function'))
    return 'no such overload'
  if (message === 'unresolved attribute') return 'no such attribute(s)'
  return message
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
}

/** Macros that only the parser knows: a call that is left of one has arguments that cel-go refuses. */
const loopMacros: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

/** The tree with `has` as a function; throws Refused for what cel-go does not take, or what is not evaluated here. */
function readTree(node: CelNode, loops: number): CelNode {
  const { exprKind } = node
  const read = (each: CelNode | undefined, depth = loops): CelNode | undefined =>
    each === undefined ? undefined : readTree(each, depth)
  const all = (nodes: readonly CelNode[]): CelNode[] => nodes.map((each) => readTree(each, loops))
  const made = (kind: CelNode['exprKind']): CelNode => ({ ...node, exprKind: kind })
  switch (exprKind.case) {
    case 'constExpr': {
      const { constantKind } = exprKind.value
      const isWide =
        (constantKind.case === 'int64Value' && BigInt.asIntN(64, constantKind.value) !== constantKind.value) ||
        (constantKind.case === 'uint64Value' && BigInt.asUintN(64, constantKind.value) !== constantKind.value)
      if (isWide)
        throw new Refused('unreadable', `invalid ${constantKind.case === 'int64Value' ? 'int' : 'uint'} literal`)
      return node
    }
    case 'callExpr': {
      const { function: name, target, args } = exprKind.value
      if (optionalNames.has(name)) throw new Refused('unsupported', optionalValues)
      if (name === 'has' && target === undefined) throw new Refused('unreadable', 'invalid argument to has() macro')
      if (target !== undefined && loopMacros.has(name) && (args.length === 2 || (name === 'map' && args.length === 3)))
        throw new Refused('unreadable', 'argument must be a simple name')
      const called = { ...exprKind.value, args: all(args) }
      const readTarget = read(target)
      return made({ case: 'callExpr', value: readTarget === undefined ? called : { ...called, target: readTarget } })
    }
    case 'selectExpr': {
      const { operand, field, testOnly } = exprKind.value
      const from = read(operand)
      if (from === undefined) throw new Refused('unreadable', 'nothing to select from')
      if (!testOnly) return made({ case: 'selectExpr', value: { ...exprKind.value, operand: from } })
      const name: CelNode = {
        ...node,
        exprKind: {
          case: 'constExpr',
          value: { $typeName: 'cel.expr.Constant', constantKind: { case: 'stringValue', value: field } },
        },
      }
      return made({
        case: 'callExpr',
        value: { $typeName: 'cel.expr.Expr.Call', function: presenceFunction, args: [from, name] },
      })
    }
    case 'listExpr':
      if (exprKind.value.optionalIndices.length > 0) throw new Refused('unsupported', optionalValues)
      return made({ case: 'listExpr', value: { ...exprKind.value, elements: all(exprKind.value.elements) } })
    case 'structExpr': {
      const { messageName, entries } = exprKind.value
      if (messageName !== '') throw new Refused('unsupported', 'it makes a message')
      const keys = new Set<string>()
      const readEntries = entries.map((entry) => {
        if (entry.optionalEntry) throw new Refused('unsupported', optionalValues)
        if (entry.keyKind.case !== 'mapKey') throw new Refused('unsupported', 'it makes a message')
        const key = entry.keyKind.value
        const text = JSON.stringify(key.exprKind.value, (_key, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        )
        // cel-go takes the last of them.
        if (keys.has(text)) throw new Refused('unsupported', 'it gives a map the same key twice')
        keys.add(text)
        const value = read(entry.value)
        return {
          ...entry,
          keyKind: { case: 'mapKey' as const, value: readTree(key, loops) },
          ...(value === undefined ? {} : { value }),
        }
      })
      return made({ case: 'structExpr', value: { ...exprKind.value, entries: readEntries } })
    }
    case 'comprehensionExpr': {
      if (loops >= maxLoopDepth) throw new Refused('unsupported', 'it has loops too deep in one another')
      const value = { ...exprKind.value }
      if (value.iterVar2 !== '') throw new Refused('unsupported', 'it loops with two variables')
      const set = (key: 'iterRange' | 'accuInit' | 'loopCondition' | 'loopStep' | 'result', depth: number): void => {
        const part = read(value[key], depth)
        if (part !== undefined) value[key] = part
      }
      set('iterRange', loops)
      for (const key of ['accuInit', 'loopCondition', 'loopStep', 'result'] as const) set(key, loops + 1)
      return made({ case: 'comprehensionExpr', value })
    }
    default:
      return node
  }
}

const conversions: ReadonlySet<string> = new Set([
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'bytes',
  'timestamp',
  'duration',
])

/** cel-go converts constants and reads patterns when it makes its program: what fails then makes the whole invalid. True: a constant. */
function foldConstants(node: CelNode | undefined): boolean {
  if (node === undefined) return false
  const { exprKind } = node
  switch (exprKind.case) {
    case 'constExpr':
      return true
    case 'callExpr': {
      const { function: name, target, args } = exprKind.value
      foldConstants(target)
      const areConstant = args.map(foldConstants)
      if (name === 'matches') checkPattern(args.at(-1))
      const isConversion =
        target === undefined && conversions.has(name) && areConstant.length === 1 && areConstant[0] === true
      if (!isConversion) return false
      const result = plan(env, node)({})
      if (isCelError(result) && !result.message.startsWith('found no matching overload'))
        throw new Refused('uncreatable', conversionWords(result.message, name))
      return !isCelError(result)
    }
    case 'selectExpr':
      foldConstants(exprKind.value.operand)
      return false
    case 'listExpr':
      exprKind.value.elements.forEach(foldConstants)
      return false
    case 'structExpr':
      for (const { keyKind, value } of exprKind.value.entries) {
        if (keyKind.case === 'mapKey') foldConstants(keyKind.value)
        foldConstants(value)
      }
      return false
    case 'comprehensionExpr': {
      const { iterRange, accuInit, loopCondition, loopStep, result } = exprKind.value
      for (const part of [iterRange, accuInit, loopCondition, loopStep, result]) foldConstants(part)
      return false
    }
    default:
      return false
  }
}

function checkPattern(node: CelNode | undefined): void {
  if (node?.exprKind.case !== 'constExpr' || node.exprKind.value.constantKind.case !== 'stringValue') return
  try {
    RE2JS.compile(node.exprKind.value.constantKind.value)
  } catch (error) {
    throw new Refused('uncreatable', firstLine(error))
  }
}

function conversionWords(message: string, name: string): string {
  if (message.startsWith('type conversion error')) return message
  const types: Readonly<Partial<Record<string, string>>> = {
    timestamp: 'google.protobuf.Timestamp',
    duration: 'google.protobuf.Duration',
  }
  if (/overflow/.test(message)) return message
  return `type conversion error from 'string' to '${types[name] ?? name}'`
}
