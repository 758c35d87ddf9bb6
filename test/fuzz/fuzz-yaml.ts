/** YAML that nobody would write: whatever comes in, reading it ends, soon, in documents or in a BuildError. */
import { BuildError } from '../../electron/engine/kustomize/build-error.ts'
import { emitNode } from '../../electron/engine/kustomize/yaml/emit-v2.ts'
import { emitV3 } from '../../electron/engine/kustomize/yaml/emit-v3.ts'
import { decodeText, parseDocuments } from '../../electron/engine/kustomize/yaml/parse.ts'
import { nodeToGoValue } from '../../electron/engine/kustomize/yaml/to-value.ts'
import { randomObject } from './generate-resource.ts'
import { printYaml, randomStyle } from './print-yaml.ts'
import { Chance } from './random.ts'

export interface YamlRun {
  readonly count: number
  readonly firstSeed: number
  readonly say: (line: string) => void
}

const hangMs = 1000

const tokens = [
  ...[
    '- ',
    ': ',
    '? ',
    ', ',
    '[',
    ']',
    '{',
    '}',
    '&a ',
    '*a',
    '&b ',
    '*b',
    '!!str ',
    '!!int ',
    '!!binary ',
    '!x ',
    '!<tag:x> ',
    '| ',
    '|+\n',
    '|-2\n',
    '>\n',
    '>+1\n',
  ],
  ...[
    '"',
    "'",
    '#',
    ' #c',
    '\n',
    '\n  ',
    '\n    ',
    '\n\t',
    '\t',
    ' ',
    '---\n',
    '\n---',
    '...\n',
    '%YAML 1.1\n',
    '%TAG ! x\n',
    '<<: ',
    '<<: *a',
    '~',
    'null',
    'true',
    'yes',
    '1',
    '0x',
    '1e',
    '.inf',
  ],
  ...[
    'a',
    'b: ',
    'key: value\n',
    '- item\n',
    '\r\n',
    '\r',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\u0000',
    '\u0007',
    '\ud800',
    '😀',
    'é',
    '\\',
    '\\x',
    '\\u00',
    '@',
    '`',
    '%',
    '=',
    '2001-01-01',
  ],
]

/** One input; the same for the same seed. */
export function generateYaml(seed: number): Uint8Array {
  const chance = new Chance(seed)
  const shape = chance.int(10)
  if (shape < 4) {
    let text = ''
    for (let i = chance.between(1, 40); i > 0; i--) text += chance.pick(tokens)
    return new TextEncoder().encode(text)
  }
  if (shape < 8)
    return mutate(new TextEncoder().encode(printYaml(randomObject(chance).object, chance, randomStyle(chance))), chance)
  if (shape === 8) return Uint8Array.from({ length: chance.between(0, 200) }, () => chance.int(256))
  return new TextEncoder().encode(nested(chance))
}

function mutate(bytes: Uint8Array, chance: Chance): Uint8Array {
  let result = bytes
  for (let i = chance.between(1, 6); i > 0; i--) {
    const at = chance.int(result.length + 1)
    const length = chance.int(Math.min(12, result.length - at + 1))
    const piece =
      chance.int(3) === 0
        ? Uint8Array.from({ length: chance.between(0, 3) }, () => chance.int(256))
        : chance.is(0.5)
          ? new TextEncoder().encode(chance.pick(tokens))
          : result.slice(chance.int(result.length + 1)).slice(0, chance.int(40))
    const next = new Uint8Array(at + piece.length + (result.length - at - length))
    next.set(result.subarray(0, at))
    next.set(piece, at)
    next.set(result.subarray(at + length), at + piece.length)
    result = next
  }
  return result
}

function nested(chance: Chance): string {
  const depth = chance.is(0.01) ? 12_000 : chance.pick([5, 20, 100])
  switch (chance.int(6)) {
    case 0:
      return `a: ${'['.repeat(depth)}${chance.is(0.5) ? ']'.repeat(depth) : ''}`
    case 1:
      return `${'{a: '.repeat(depth)}${chance.is(0.5) ? '}'.repeat(depth) : ''}`
    case 2:
      return '- '.repeat(depth)
    case 3:
      return Array.from({ length: Math.min(depth, 200) }, (_, index) => `${' '.repeat(index)}a:`).join('\n')
    case 4: {
      const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
      for (let i = 1; i < chance.between(3, 12); i++)
        lines.push(
          `a${i}: &a${i} [${Array(9)
            .fill(`*a${i - 1}`)
            .join(', ')}]`,
        )
      return lines.join('\n')
    }
    default:
      return `${'? '.repeat(Math.min(depth, 500))}a`
  }
}

/** Null if reading it ended as it should, else what went wrong. */
export function faultOf(input: Uint8Array): string | null {
  const before = process.threadCpuUsage()
  try {
    for (const dialect of ['v3', 'v2'] as const) {
      for (const document of parseDocuments(decodeText(input), { dialect })) {
        nodeToGoValue(document)
        emitNode(document)
        emitV3(document)
      }
    }
  } catch (error) {
    if (!(error instanceof BuildError)) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  // Time of the processor: a busy machine hangs nobody.
  const { user, system } = process.threadCpuUsage(before)
  const tookMs = (user + system) / 1000
  return tookMs > hangMs ? `took ${Math.round(tookMs)} ms` : null
}

export function fuzzYaml({ count, firstSeed, say }: YamlRun): { readonly failures: number } {
  const startedAt = performance.now()
  let failures = 0
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const input = generateYaml(seed)
    const fault = faultOf(input)
    if (fault !== null) {
      failures += 1
      if (failures <= 5)
        say(`YAML seed ${seed}: ${fault}\n${JSON.stringify(new TextDecoder().decode(input).slice(0, 400))}`)
    }
    if ((seed - firstSeed + 1) % 100_000 === 0) say(`${seed - firstSeed + 1} YAML inputs, ${failures} failures`)
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
  say(`${count} YAML inputs, ${failures} failures, ${seconds} s, seeds ${firstSeed} to ${firstSeed + count - 1}`)
  return { failures }
}
