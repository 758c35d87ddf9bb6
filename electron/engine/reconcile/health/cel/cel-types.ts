/**
 * The types of an expression over `self` and `dep`, as far as it takes to say whether cel-go's checker finds it a bool: readyExpr must be one before
 * anything is evaluated. Fields of objects are dyn, and a dyn is no bool. Semantics: cel-go checker.
 */
import type { CelNode } from './cel-program.ts'

type Type = string | { readonly list: Type } | { readonly map: readonly [key: Type, value: Type] }

interface Signature {
  readonly target?: Type
  readonly args: readonly Type[]
  readonly result: Type
}

class TypeError extends Error {}

const anyList: Type = { list: 'dyn' }
const anyMap: Type = { map: ['dyn', 'dyn'] }
const numbers = ['int', 'uint', 'double']
const ordered = ['bool', ...numbers, 'string', 'bytes', 'timestamp', 'duration']

const functions = new Map<string, Signature[]>()
const add = (name: string, args: readonly Type[], result: Type, target?: Type): void => {
  const known = functions.get(name) ?? []
  known.push(target === undefined ? { args, result } : { args, result, target })
  functions.set(name, known)
}
for (const name of ['_<_', '_<=_', '_>_', '_>=_'])
  for (const a of ordered)
    for (const b of ordered) if (a === b || (numbers.includes(a) && numbers.includes(b))) add(name, [a, b], 'bool')
for (const type of [...numbers, 'string', 'bytes', 'duration']) add('_+_', [type, type], type)
add('_+_', ['timestamp', 'duration'], 'timestamp')
add('_+_', ['duration', 'timestamp'], 'timestamp')
add('_+_', [anyList, anyList], anyList)
for (const type of [...numbers, 'duration']) add('_-_', [type, type], type)
add('_-_', ['timestamp', 'timestamp'], 'duration')
add('_-_', ['timestamp', 'duration'], 'timestamp')
for (const type of numbers) {
  add('_*_', [type, type], type)
  add('_/_', [type, type], type)
}
add('_%_', ['int', 'int'], 'int')
add('_%_', ['uint', 'uint'], 'uint')
add('-_', ['int'], 'int')
add('-_', ['double'], 'double')
add('!_', ['bool'], 'bool')
add('@not_strictly_false', ['bool'], 'bool')
add('_&&_', ['bool', 'bool'], 'bool')
add('_||_', ['bool', 'bool'], 'bool')
for (const type of ['string', 'bytes', anyList, anyMap]) {
  add('size', [type], 'int')
  add('size', [], 'int', type)
}
for (const name of ['contains', 'startsWith', 'endsWith', 'matches']) add(name, ['string'], 'bool', 'string')
add('matches', ['string', 'string'], 'bool')
const conversions: Readonly<Record<string, readonly Type[]>> = {
  int: ['int', 'uint', 'double', 'string', 'timestamp', 'duration'],
  uint: ['uint', 'int', 'double', 'string'],
  double: ['double', 'int', 'uint', 'string'],
  string: ['string', 'bool', 'int', 'uint', 'double', 'bytes', 'timestamp', 'duration'],
  bytes: ['bytes', 'string'],
  bool: ['bool', 'string'],
  timestamp: ['timestamp', 'string', 'int'],
  duration: ['duration', 'string', 'int'],
}
for (const [name, sources] of Object.entries(conversions)) for (const source of sources) add(name, [source], name)
add('dyn', ['dyn'], 'dyn')
add('type', ['dyn'], 'type')
for (const name of ['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear']) {
  add(name, [], 'int', 'timestamp')
  add(name, ['string'], 'int', 'timestamp')
}
for (const name of ['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds']) {
  add(name, [], 'int', 'timestamp')
  add(name, ['string'], 'int', 'timestamp')
  add(name, [], 'int', 'duration')
}
add('charAt', ['int'], 'string', 'string')
for (const name of ['indexOf', 'lastIndexOf']) {
  add(name, ['string'], 'int', 'string')
  add(name, ['string', 'int'], 'int', 'string')
}
for (const name of ['lowerAscii', 'upperAscii', 'trim', 'reverse']) add(name, [], 'string', 'string')
add('replace', ['string', 'string'], 'string', 'string')
add('replace', ['string', 'string', 'int'], 'string', 'string')
add('split', ['string'], { list: 'string' }, 'string')
add('split', ['string', 'int'], { list: 'string' }, 'string')
add('substring', ['int'], 'string', 'string')
add('substring', ['int', 'int'], 'string', 'string')
add('join', [], 'string', { list: 'string' })
add('join', ['string'], 'string', { list: 'string' })
add('format', [anyList], 'string', 'string')
add('strings.quote', ['string'], 'string')
for (const name of ['sets.contains', 'sets.equivalent', 'sets.intersects']) add(name, [anyList, anyList], 'bool')
add('base64.encode', ['bytes'], 'string')
add('base64.decode', ['string'], 'bytes')

/** Null: it is a bool. Otherwise the controllers' sentence. */
export function checkBoolean(tree: CelNode, text: string): string | null {
  let type: Type
  try {
    type = typeOf(
      tree,
      new Map<string, Type>([
        ['self', { map: ['string', 'dyn'] }],
        ['dep', { map: ['string', 'dyn'] }],
      ]),
    )
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return `failed to parse the CEL expression '${text}': ERROR: <input>:1:1: ${error.message}`
  }
  return type === 'bool' ? null : `CEL expression output type mismatch: expected bool, got ${nameOf(type)}`
}

function nameOf(type: Type): string {
  if (typeof type === 'string') {
    const names: Readonly<Partial<Record<string, string>>> = {
      timestamp: 'google.protobuf.Timestamp',
      duration: 'google.protobuf.Duration',
      null: 'null_type',
    }
    return names[type] ?? type
  }
  return 'list' in type ? `list(${nameOf(type.list)})` : `map(${type.map.map(nameOf).join(', ')})`
}

type Scope = ReadonlyMap<string, Type>

const typeNames = new Set(['bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map', 'null_type', 'type'])

function typeOf(node: CelNode | undefined, scope: Scope): Type {
  if (node === undefined) throw new TypeError('an empty expression')
  const { exprKind } = node
  switch (exprKind.case) {
    case 'constExpr':
      return constantType(exprKind.value.constantKind.case)
    case 'identExpr': {
      const { name } = exprKind.value
      const known = scope.get(name) ?? (typeNames.has(name) ? 'type' : undefined)
      if (known === undefined) throw new TypeError(`undeclared reference to '${name}' (in container '')`)
      return known
    }
    case 'selectExpr': {
      const type = typeOf(exprKind.value.operand, scope)
      if (type !== 'dyn' && !(typeof type === 'object' && 'map' in type))
        throw new TypeError(`type '${nameOf(type)}' does not support field selection`)
      return exprKind.value.testOnly ? 'bool' : typeof type === 'object' ? type.map[1] : 'dyn'
    }
    case 'listExpr':
      return { list: elementType(exprKind.value.elements.map((each) => typeOf(each, scope))) }
    case 'structExpr': {
      const { entries } = exprKind.value
      const keys = entries.map(({ keyKind }) => (keyKind.case === 'mapKey' ? typeOf(keyKind.value, scope) : 'dyn'))
      return { map: [elementType(keys), elementType(entries.map(({ value }) => typeOf(value, scope)))] }
    }
    case 'comprehensionExpr': {
      const { iterVar, iterRange, accuVar, accuInit, loopCondition, loopStep, result } = exprKind.value
      const range = typeOf(iterRange, scope)
      if (range !== 'dyn' && typeof range === 'string')
        throw new TypeError(
          `expression of type '${nameOf(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        )
      const item = typeof range === 'string' ? 'dyn' : 'list' in range ? range.list : range.map[0]
      const before = typeOf(accuInit, scope)
      const inner = new Map(scope).set(accuVar, before).set(iterVar, item)
      typeOf(loopCondition, inner)
      // An empty list takes the type of what is put into it.
      const after = typeOf(loopStep, inner)
      const accu = typeof before === 'object' && isAssignable(before, after) ? after : before
      return typeOf(result, new Map(scope).set(accuVar, accu))
    }
    case 'callExpr':
      return callType(exprKind.value, scope)
    default:
      throw new TypeError('an empty expression')
  }
}

function constantType(kind: string | undefined): Type {
  const types: Readonly<Partial<Record<string, Type>>> = {
    stringValue: 'string',
    bytesValue: 'bytes',
    doubleValue: 'double',
    boolValue: 'bool',
    int64Value: 'int',
    uint64Value: 'uint',
    nullValue: 'null',
  }
  return types[kind ?? ''] ?? 'dyn'
}

/** Elements of a literal are of one type, to the letter. */
function elementType(types: readonly Type[]): Type {
  const [first = 'dyn'] = types
  for (const type of types)
    if (nameOf(type) !== nameOf(first))
      throw new TypeError(`expected type '${nameOf(first)}' but found '${nameOf(type)}'`)
  return first
}

function isAssignable(a: Type, b: Type): boolean {
  if (a === 'dyn' || b === 'dyn' || a === b) return true
  // Messages and wrappers aside, null fits nothing else but times.
  if (a === 'null' || b === 'null') return [a, b].some((type) => type === 'timestamp' || type === 'duration')
  if (typeof a === 'string' || typeof b === 'string') return false
  if ('list' in a) return 'list' in b && isAssignable(a.list, b.list)
  return 'map' in b && isAssignable(a.map[0], b.map[0]) && isAssignable(a.map[1], b.map[1])
}

function callType(
  call: { readonly function: string; readonly target?: CelNode | undefined; readonly args: readonly CelNode[] },
  scope: Scope,
): Type {
  const qualified =
    call.target?.exprKind.case === 'identExpr' ? `${call.target.exprKind.value.name}.${call.function}` : ''
  if (functions.has(qualified))
    return resolve(
      qualified,
      undefined,
      call.args.map((each) => typeOf(each, scope)),
    )
  const target = call.target === undefined ? undefined : typeOf(call.target, scope)
  const args = call.args.map((each) => typeOf(each, scope))
  const [a = 'dyn', b = 'dyn', c = 'dyn'] = args
  const fail = (): never => {
    throw new TypeError(
      `found no matching overload for '${call.function}' applied to '(${args.map(nameOf).join(', ')})'`,
    )
  }
  switch (call.function) {
    case '_==_':
    case '_!=_':
      return isAssignable(a, b) ? 'bool' : fail()
    case '@in':
    case '_in_':
      if (b === 'dyn') return 'bool'
      return typeof b === 'object' && isAssignable(a, 'list' in b ? b.list : b.map[0]) ? 'bool' : fail()
    case '_?_:_':
      if (!isAssignable(a, 'bool') || !isAssignable(b, c)) fail()
      return b === 'dyn' || c === 'dyn' ? 'dyn' : b
    case '_[_]':
      if (a === 'dyn') return 'dyn'
      if (typeof a === 'string') return fail()
      if ('list' in a) return isAssignable(b, 'int') || numbers.includes(nameOf(b)) ? a.list : fail()
      return isAssignable(b, a.map[0]) ? a.map[1] : fail()
    default:
      return resolve(call.function, target, args)
  }
}

function resolve(name: string, target: Type | undefined, args: readonly Type[]): Type {
  const known = functions.get(name)
  if (known === undefined) throw new TypeError(`undeclared reference to '${name}' (in container '')`)
  const results: Type[] = []
  for (const signature of known) {
    const isMethod = signature.target !== undefined
    if (isMethod !== (target !== undefined) || signature.args.length !== args.length) continue
    if (isMethod && !isAssignable(target!, signature.target)) continue
    if (signature.args.every((type, index) => isAssignable(args[index]!, type))) results.push(signature.result)
  }
  const [first] = results
  if (first === undefined) {
    const words = `(${args.map(nameOf).join(', ')})`
    throw new TypeError(
      `found no matching overload for '${name}' applied to '${target === undefined ? words : `${nameOf(target)}.${words}`}'`,
    )
  }
  return results.every((type) => nameOf(type) === nameOf(first)) ? first : 'dyn'
}
