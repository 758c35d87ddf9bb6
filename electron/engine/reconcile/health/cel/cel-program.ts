/**
 * cel/: CEL as Flux's controllers run it (cel-go with ext strings, sets and encoders, optionals, numbers compared across types), on @bufbuild/cel.
 * Knows expressions and values; must not know what they decide. What the controllers would take and this evaluator cannot is `unsupported`, never
 * guessed at. Semantics: fluxcd/pkg runtime/cel.
 */
import { celEnv, isCelError, parse, plan } from '@bufbuild/cel'
import type { CelInput } from '@bufbuild/cel'
import { strings } from '@bufbuild/cel/ext'
import { RE2JS } from 're2js'
import { fluxFunctions } from './cel-functions.ts'

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
/** Of cel-go's library of optional values. */
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

/** Compiles once; `evaluate` never throws. */
export function compileCel(text: string): CelProgram {
  if (text.length > maxLength) return unsupported(`it is longer than ${String(maxLength)} characters`)
  let tree: CelNode | undefined
  try {
    tree = parse(text).expr
  } catch (error) {
    // Optional syntax is valid CEL that the parser does not know.
    if (/\?\s*\.|\[\s*\?|[{,]\s*\?/.test(withoutStrings(text))) return unsupported('it uses optional values')
    return { ok: false, why: 'invalid', message: firstLine(error) }
  }
  if (tree === undefined) return { ok: false, why: 'invalid', message: 'no expression' }
  const reason = reasonAgainst(tree, 0)
  if (reason !== '') return unsupported(reason)
  let run: ReturnType<typeof plan>
  try {
    run = plan(env, tree)
  } catch (error) {
    return unsupported(firstLine(error))
  }
  return {
    ok: true,
    tree,
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

function unsupported(message: string): CelProgram {
  return { ok: false, why: 'unsupported', message }
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
  return message
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
}

function withoutStrings(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/gs, '""')
}

/** Why a parsed expression is not evaluated here, '' where it can be. */
function reasonAgainst(node: CelNode | undefined, loops: number): string {
  if (node === undefined) return ''
  const { exprKind } = node
  const any = (nodes: readonly (CelNode | undefined)[], depth = loops): string => {
    for (const each of nodes) {
      const reason = reasonAgainst(each, depth)
      if (reason !== '') return reason
    }
    return ''
  }
  switch (exprKind.case) {
    case 'callExpr': {
      const { function: name, target, args } = exprKind.value
      if (optionalNames.has(name)) return 'it uses optional values'
      return any([target, ...args])
    }
    case 'selectExpr':
      return any([exprKind.value.operand])
    case 'listExpr':
      if (exprKind.value.optionalIndices.length > 0) return 'it uses optional values'
      return any(exprKind.value.elements)
    case 'structExpr':
      if (exprKind.value.messageName !== '') return 'it makes a message'
      if (exprKind.value.entries.some((entry) => entry.optionalEntry)) return 'it uses optional values'
      return any(
        exprKind.value.entries.flatMap((entry) => [
          entry.keyKind.case === 'mapKey' ? entry.keyKind.value : undefined,
          entry.value,
        ]),
      )
    case 'comprehensionExpr': {
      if (loops >= maxLoopDepth) return 'it has loops too deep in one another'
      const { iterRange, accuInit, loopCondition, loopStep, result, iterVar2 } = exprKind.value
      if (iterVar2 !== '') return 'it loops with two variables'
      return any([iterRange]) || any([accuInit, loopCondition, loopStep, result], loops + 1)
    }
    default:
      return ''
  }
}
