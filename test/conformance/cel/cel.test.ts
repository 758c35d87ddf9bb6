/** Flux's CEL answers (its own module, built from scripts/data/cel-oracle), and ours must be the same, or none. */
import { beforeAll, describe, expect, it } from 'vitest'
import { compileCel } from '../../../electron/engine/reconcile/health/cel/cel-program.ts'
import { toVariables } from '../../../electron/engine/reconcile/health/cel/cel-values.ts'
import {
  compileHealthExpressions,
  compileReadyExpression,
} from '../../../electron/engine/reconcile/health/health-expressions.ts'
import { resolveGoProgram } from '../../go-program.ts'
import { askOracle } from '../ask-oracle.ts'
import { healthExpressions, readyExpressions, subject } from './expressions.ts'

interface Answer {
  readonly invalid?: string
  readonly error?: string
  readonly value?: boolean
  readonly word?: string
}

let program: string | null = null

beforeAll(async () => {
  program = await resolveGoProgram('cel-oracle')
}, 600_000)

function askAll(questions: readonly unknown[]): Promise<readonly Answer[]> {
  return askOracle(
    program!,
    questions.map((question) => JSON.stringify(question)),
  )
}

type Ours = { readonly kind: 'unsupported' | 'invalid' | 'error' | 'value'; readonly text: string }

/** Whether both say the same; what we call unsupported is never wrong, and counted. */
function judge(text: string, theirs: Answer, ours: Ours): string | null {
  const said =
    theirs.invalid !== undefined ? 'invalid' : theirs.error !== undefined ? 'error' : `value ${String(theirs.value)}`
  const mine = ours.kind === 'value' ? `value ${ours.text}` : ours.kind
  if (ours.kind === 'unsupported' || said === mine) return null
  return `${text}\n  cel-go: ${said} ${theirs.invalid ?? theirs.error ?? ''}\n  ours: ${mine} ${ours.kind === 'value' ? '' : ours.text}`
}

function health(text: string): Ours {
  const compiled = compileCel(text)
  if (!compiled.ok) return { kind: compiled.why, text: compiled.message }
  const { value, error } = compiled.evaluate(toVariables(subject))
  return error === null ? { kind: 'value', text: String(value) } : { kind: 'error', text: error }
}

function ready(text: string): Ours {
  const compiled = compileReadyExpression(text)
  if (!compiled.ok) return { kind: compiled.why, text: compiled.message }
  const { value, error } = compiled.evaluate(subject, subject)
  return error === null ? { kind: 'value', text: String(value) } : { kind: 'error', text: error }
}

describe.each([
  ['health expressions', healthExpressions, health, (text: string) => ({ expression: text, object: subject }), 250],
  [
    'ready expressions',
    readyExpressions,
    ready,
    (text: string) => ({ expression: text, ready: true, object: subject, dep: subject }),
    50,
  ],
] as const)('%s', (_title, texts, evaluate, question, atLeast) => {
  it(`are answered as cel-go answers them`, async (context) => {
    if (program === null) return context.skip()
    const answers = await askAll(texts.map(question))
    const wrong: string[] = []
    const unsupported: string[] = []
    for (const [index, text] of texts.entries()) {
      const ours = evaluate(text)
      const difference = judge(text, answers[index]!, ours)
      if (difference !== null) wrong.push(difference)
      if (ours.kind === 'unsupported') unsupported.push(`${text}: ${ours.text}`)
    }
    expect(wrong.join('\n')).toBe('')
    const known = /it uses optional values$|existsOne|the same key twice$/
    expect(unsupported.filter((line) => !known.test(line)).join('\n')).toBe('')
    expect(texts.length - unsupported.length).toBeGreaterThanOrEqual(atLeast)
  })
})

const widget = { apiVersion: 'example.com/v1', kind: 'Widget' }
const checkSets: readonly (readonly unknown[])[] = [
  [{ ...widget, current: 'true' }],
  [{ ...widget, inProgress: 'true' }],
  [{ ...widget, current: '' }],
  [
    { ...widget, current: 'true' },
    { apiVersion: 'example.com/v2', kind: 'Widget', current: 'false' },
  ],
  [
    { ...widget, current: 'true' },
    { apiVersion: 'example.com/v2', current: 'false' },
  ],
  [
    { apiVersion: 'example.com/v2', current: 'true' },
    { apiVersion: 'example.com/v1', current: 'false' },
  ],
  [
    { apiVersion: 'v1', kind: 'Pod', current: 'true' },
    { apiVersion: 'v1', kind: 'Pod', current: 'true' },
  ],
  [{ ...widget, current: "int('x') == 1" }],
]
const healths: readonly { readonly current: string; readonly failed?: string; readonly inProgress?: string }[] = [
  { current: 'true' },
  { current: 'false' },
  { current: 'true', failed: 'true' },
  { current: 'true', failed: 'true', inProgress: 'true' },
  { current: 'true', failed: 'false', inProgress: 'false' },
  { current: 'true', failed: 'status.nope == 1' },
  { current: 'status.nope == 1', failed: 'true' },
  { current: 'status.nope == 1' },
  { current: "'text'" },
]
const objects = [
  subject,
  { ...subject, status: { ...subject.status, observedGeneration: 2 } },
  { ...subject, status: { ...subject.status, observedGeneration: '2' } },
  { ...subject, status: { ...subject.status, observedGeneration: 2.5 } },
  { ...subject, metadata: { name: 'x' } },
  { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x' } },
]

it('judges objects in the order of the controllers, in their words', async (context) => {
  if (program === null) return context.skip()
  const cases = healths.flatMap((health) => objects.map((object) => ({ health, object })))
  const answers = await askAll([...checkSets.map((checks) => ({ checks })), ...cases])
  const ours = [
    ...checkSets.map((checks) => {
      const compiled = compileHealthExpressions(checks)
      return compiled.ok ? {} : { invalid: compiled.message }
    }),
    ...cases.map(({ health, object }) => {
      const compiled = compileHealthExpressions([{ ...widget, ...health }])
      if (!compiled.ok) return { invalid: compiled.message }
      const result = compiled.expressions.evaluate('example.com', 'Widget', object)
      if (result === null) throw new Error('no expression for it')
      return result.word === 'Unknown' ? { error: true } : { word: result.word }
    }),
  ]
  expect(ours).toEqual(answers.map((answer) => (answer.error === undefined ? answer : { error: true })))
})
