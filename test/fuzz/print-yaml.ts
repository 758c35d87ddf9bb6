/** Prints values as YAML the way people do: quoted or not, flow or block, indented by taste, commented, at times with odd scalars. */
import type { Chance } from './random.ts'

/** Text that goes into the document as it stands. */
export class Raw {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Value = null | boolean | number | string | Raw | Value[] | { [key: string]: Value }

export interface Style {
  readonly step: number
  readonly isSequenceIndented: boolean
  /** Share of strings that are quoted without need. */
  readonly quoting: number
  readonly flow: number
  readonly comments: number
}

export function randomStyle(chance: Chance): Style {
  return {
    step: chance.is(0.85) ? 2 : chance.pick([1, 3, 4]),
    isSequenceIndented: chance.is(0.5),
    quoting: chance.pick([0, 0.05, 0.5]),
    flow: chance.pick([0, 0, 0.08]),
    comments: chance.pick([0, 0, 0.05]),
  }
}

export const plainStyle: Style = { step: 2, isSequenceIndented: false, quoting: 0, flow: 0, comments: 0 }

/** One document, ending in a newline. */
export function printYaml(value: Value, chance: Chance, style: Style): string {
  if (isContainer(value) && !isEmpty(value)) return block(value, 0, chance, style)
  return `${inline(value, chance, style)}\n`
}

function block(value: Value, indent: number, chance: Chance, style: Style): string {
  const pad = ' '.repeat(indent)
  let text = ''
  if (Array.isArray(value)) {
    for (const item of value) {
      if (isContainer(item) && !isEmpty(item) && !chance.is(style.flow)) {
        const inner = block(item, indent + 2, chance, style)
        text += `${pad}- ${inner.slice(indent + 2)}`
      } else text += `${pad}- ${leaf(item, indent + 2, chance, style)}\n`
    }
    return text
  }
  for (const [key, item] of Object.entries(value as Record<string, Value>)) {
    if (chance.is(style.comments)) text += `${pad}# ${chance.pick(['see below', 'TODO: later', 'key: value'])}\n`
    const name = `${pad}${printKey(key, chance, style)}:`
    if (!isContainer(item) || isEmpty(item) || chance.is(style.flow)) {
      const printed = leaf(item, indent + style.step, chance, style)
      text += `${name}${printed === '' ? '' : ` ${printed}`}${!printed.includes('\n') && chance.is(style.comments) ? ' # why' : ''}\n`
    } else if (Array.isArray(item))
      text += `${name}\n${block(item, style.isSequenceIndented ? indent + style.step : indent, chance, style)}`
    else text += `${name}\n${block(item, indent + style.step, chance, style)}`
  }
  return text
}

function leaf(value: Value, indent: number, chance: Chance, style: Style): string {
  if (typeof value === 'string' && value.includes('\n') && isLiteralSafe(value) && chance.is(0.8)) {
    const body = value.replace(/\n+$/, '')
    const trailing = value.length - body.length
    const mark = trailing === 0 ? '|-' : trailing === 1 ? '|' : '|+'
    const pad = ' '.repeat(Math.max(indent, 1))
    const lines = body.split('\n').map((line) => (line === '' ? '' : `${pad}${line}`))
    return `${mark}\n${lines.join('\n')}${'\n'.repeat(Math.max(0, trailing - 1))}`
  }
  return inline(value, chance, style)
}

// Control characters are what these look for.
/* eslint-disable no-control-regex */
/** Multi-line texts that a literal block gives back without an indentation digit. */
function isLiteralSafe(text: string): boolean {
  return (
    !/^[\n \t]/.test(text) &&
    !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.test(text) &&
    /\S/.test(text)
  )
}

function inline(value: Value, chance: Chance, style: Style): string {
  if (value instanceof Raw) return value.text
  if (value === null) return chance.pick(['null', '', '~'].filter((text) => text !== '' || style.flow === 0))
  if (typeof value === 'boolean' || typeof value === 'number') return String(value)
  if (typeof value === 'string') return printString(value, chance, style)
  if (Array.isArray(value)) return `[${value.map((item) => inFlow(item, chance, style)).join(', ')}]`
  const entries = Object.entries(value).map(([key, item]) => `${quote(key, chance)}: ${inFlow(item, chance, style)}`)
  return `{${entries.join(', ')}}`
}

function inFlow(value: Value, chance: Chance, style: Style): string {
  if (value === null) return 'null'
  if (value instanceof Raw) return /[,[\]{}&*#]|: /.test(value.text) ? "'odd'" : value.text
  return typeof value === 'string' ? quote(value, chance) : inline(value, chance, style)
}

function printKey(key: string, chance: Chance, style: Style): string {
  return isPlainSafe(key) && !chance.is(style.quoting / 5) ? key : quote(key, chance)
}

function printString(text: string, chance: Chance, style: Style): string {
  return isPlainSafe(text) && !chance.is(style.quoting) ? text : quote(text, chance)
}

function quote(text: string, chance: Chance): string {
  const isSingleSafe = !/[\u0000-\u001f\u007f-\u00a0\u2028\u2029\ufeff\ud800-\udfff]/.test(text)
  return isSingleSafe && chance.is(0.5) ? `'${text.replaceAll("'", "''")}'` : JSON.stringify(text)
}

/** Strings that every YAML reader takes for the same string when they stand bare. */
function isPlainSafe(text: string): boolean {
  return (
    /^[A-Za-z/$][\w./$(){}@=+%^~<>|!, -]*$/.test(text.replaceAll(':', 'x')) &&
    !/: |:$| $|[{}[\],]/.test(text) &&
    !/^(y|n|yes|no|on|off|true|false|null|~)$/i.test(text)
  )
}

function isContainer(value: Value): value is Value[] | { [key: string]: Value } {
  return typeof value === 'object' && value !== null && !(value instanceof Raw)
}

function isEmpty(value: Value[] | { [key: string]: Value }): boolean {
  return Object.keys(value).length === 0
}
