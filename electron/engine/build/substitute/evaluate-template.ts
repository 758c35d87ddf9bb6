/**
 * Evaluates a template against variables. Semantics: fluxcd/pkg envsubst v1.7.0 `Template.Execute` with the mapping that
 * kustomize-controller gives it. Expressions that stay as they are, because a value is unknown, are ours: for variables that live in a cluster which we cannot ask.
 */
import { quoteGo } from '../../kustomize/selector/quote-go.ts'
import { fromByteString, toByteString } from './byte-string.ts'
import { applyOperator, toleratesUnset } from './operators.ts'
import type { TemplateNode } from './parse-template.ts'
import { parseTemplate } from './parse-template.ts'

export interface Variables {
  /** The value; null if there is none. */
  get(name: string): string | null
  /** True where a variable without a value may have one that is not known here. */
  readonly mayHoldMore: boolean
}

export interface SubstituteOptions {
  /** An unset variable without a default is a fault (controllers since 1.9). */
  readonly isStrict: boolean
  readonly variables: Variables
  /** Names of variables whose value is not known; their expressions stay in the text. */
  readonly unknown: Set<string>
  readonly checkpoint?: () => void
}

/** A variable without a value and without a default, in strict mode. */
export class UnsetVariable extends Error {
  override readonly name = 'UnsetVariable'
  readonly variable: string

  constructor(variable: string) {
    super(`variable not set (strict mode): ${quoteGo(variable)}`)
    this.variable = variable
  }
}

/**
 * Substitutes every expression of `text`. Null where the result is no UTF-8 (an offset cut a character). Throws TemplateFault,
 * UnsetVariable and OperatorPanic.
 */
export function substituteText(text: string, options: SubstituteOptions): string | null {
  if (!text.includes('$')) return text
  let result = ''
  for (const node of parseTemplate(toByteString(text))) result += evaluate(node, options) ?? sourceOf(node)
  return fromByteString(result)
}

function sourceOf(node: TemplateNode): string {
  return node.kind === 'text' ? node.text : node.source
}

/** Null where it depends on something unknown. */
function evaluate(node: TemplateNode, options: SubstituteOptions): string | null {
  if (node.kind === 'text') return node.text
  // Arguments first, as upstream does: a fault in a default that is not needed is a fault.
  const args: string[] = []
  let isKnown = true
  for (const arg of node.args) {
    const value = evaluate(arg, options)
    if (value === null) isKnown = false
    else args.push(value)
  }
  const name = fromByteString(node.name) ?? node.name
  const value = options.variables.get(name)
  if (value === null) {
    if (options.variables.mayHoldMore) {
      options.unknown.add(name)
      return null
    }
    if (options.isStrict && !toleratesUnset(node.operator)) throw new UnsetVariable(name)
  }
  return isKnown ? applyOperator(node.operator, toByteString(value ?? ''), args, options.checkpoint) : null
}
