/** spec.healthCheckExprs and readyExpr, compiled. Semantics: flux-semantics §2.1, §2.13; fluxcd/pkg runtime/cel. */
import { asText, at, groupOf } from '../../status/read.ts'
import { compileCel } from './cel/cel-program.ts'
import type { CelProgram } from './cel/cel-program.ts'
import { checkBoolean } from './cel/cel-types.ts'
import { toVariables } from './cel/cel-values.ts'
import type { CompiledExpressions, CompileHealthExpressions, CompileReadyExpression } from './health-check.ts'

type Program = Extract<CelProgram, { readonly ok: true }>
type Word = 'Current' | 'InProgress' | 'Failed'

interface Evaluator {
  /** In the order in which they are asked. */
  readonly programs: readonly { readonly word: Word; readonly program: Program }[]
}

/** Names of the fields, as the specification and the controllers' sentences have them, in the order in which they are compiled. */
const fields = [
  ['current', 'Current', 'Current'],
  ['failed', 'Failed', 'Failed'],
  ['inProgress', 'InProgress', 'InProgress'],
] as const
const askedOrder: readonly Word[] = ['InProgress', 'Failed', 'Current']

export const compileHealthExpressions: CompileHealthExpressions = (specs) => {
  const evaluators = new Map<string, Evaluator>()
  let unsupported: CompiledExpressions | null = null
  for (const [index, spec] of specs.entries()) {
    const group = groupOf(at(spec, 'apiVersion'))
    const kind = asText(at(spec, 'kind'))
    const key = `${group}/${kind}`
    if (evaluators.has(key))
      return invalid(
        `duplicate custom health check for GroupKind ${group === '' ? kind : `${kind}.${group}`} at healthchecks[${String(index)}]`,
      )
    const words = `failed to create custom status evaluator for healthchecks[${String(index)}]`
    if (asText(at(spec, 'current')) === '') return invalid(`${words}: expression Current not specified`)
    const programs = new Map<Word, Program>()
    for (const [field, name, word] of fields) {
      const text = asText(at(spec, field))
      if (text === '') continue
      const compiled = compileCel(text)
      if (compiled.ok) programs.set(word, compiled)
      else if (compiled.why === 'invalid')
        return invalid(`${words}: failed to parse the expression ${name}: ${compiled.message}`)
      else
        unsupported ??= {
          ok: false,
          why: 'unsupported',
          message: `healthCheckExprs[${String(index)}].${field} cannot be evaluated here: ${compiled.message}`,
        }
    }
    evaluators.set(key, {
      programs: askedOrder.flatMap((word) => {
        const program = programs.get(word)
        return program === undefined ? [] : [{ word, program }]
      }),
    })
  }
  if (unsupported !== null) return unsupported
  return {
    ok: true,
    expressions: {
      evaluate(group, kind, object) {
        const evaluator = evaluators.get(`${group}/${kind}`) ?? evaluators.get(`${group}/`)
        return evaluator === undefined ? null : evaluate(evaluator, object)
      },
    },
  }
}

function invalid(message: string): CompiledExpressions {
  return { ok: false, why: 'invalid', message }
}

function evaluate(
  { programs }: Evaluator,
  object: unknown,
): { readonly word: Word | 'Unknown'; readonly message: string } {
  const observed = at(object, 'status', 'observedGeneration')
  const generation = at(object, 'metadata', 'generation')
  // Custom kinds may have something else there: then only the expressions count.
  if (Number.isSafeInteger(observed) && Number.isSafeInteger(generation) && observed !== generation)
    return { word: 'InProgress', message: '' }
  const variables = toVariables(typeof object === 'object' && object !== null ? object : {})
  for (const { word, program } of programs) {
    const { value, error } = program.evaluate(variables)
    if (error !== null) return { word: 'Unknown', message: error }
    if (value) return { word, message: '' }
  }
  return { word: 'InProgress', message: '' }
}

const maxReadyExpressions = 500
const readyExpressions = new Map<string, ReturnType<CompileReadyExpression>>()

/** Compiled once for each text. */
export const compileReadyExpression: CompileReadyExpression = (text) => {
  const known = readyExpressions.get(text)
  if (known !== undefined) return known
  if (readyExpressions.size >= maxReadyExpressions) readyExpressions.clear()
  const compiled = compileReady(text)
  readyExpressions.set(text, compiled)
  return compiled
}

function compileReady(text: string): ReturnType<CompileReadyExpression> {
  const compiled = compileCel(text)
  if (!compiled.ok) {
    const message =
      compiled.why === 'invalid' ? compiled.message : `readyExpr cannot be evaluated here: ${compiled.message}`
    return { ok: false, why: compiled.why, message }
  }
  const problem = checkBoolean(compiled.tree, text)
  if (problem !== null) return { ok: false, why: 'invalid', message: problem }
  return { ok: true, evaluate: (self, dep) => compiled.evaluate(toVariables({ self, dep })) }
}
