/** Results on stdout, words on stderr; what comes from clusters never moves a cursor. */
import { stringify } from 'yaml'
import type { ObjectRef } from '../../shared/model/identity.ts'
import { neutralizeLine, neutralizeText } from '../../shared/lib/text.ts'

export const outputFormats = ['table', 'json', 'yaml', 'name'] as const
export type OutputFormat = (typeof outputFormats)[number]

export interface Terminal {
  /** Results. */
  out(text: string): void
  /** Words for people. */
  say(text: string): void
  /** Asks on the terminal; null where nobody can be asked. */
  readonly ask: ((question: string) => Promise<boolean>) | null
  readonly isOutTerminal: boolean
  readonly columns: number
}

export interface Column<T> {
  readonly title: string
  readonly value: (row: T) => string
}

/**
 * SECURITY: item 13: each cell is one line without control sequences. The last column is cut to the terminal's width, if there is one.
 */
export function formatTable<T>(rows: readonly T[], columns: readonly Column<T>[], terminal: Terminal): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => neutralizeLine(value(row)))),
  ]
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => [...(line[index] ?? '')].length)))
  const last = columns.length - 1
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0)
  const room = terminal.isOutTerminal ? Math.max(terminal.columns - before, 20) : Infinity
  return cells
    .map((line) =>
      line
        .map((cell, index) => {
          const characters = [...cell]
          if (index < last) return cell + ' '.repeat((widths[index] ?? 0) - characters.length + 2)
          return characters.length > room ? `${characters.slice(0, room - 1).join('')}…` : cell
        })
        .join('')
        .trimEnd(),
    )
    .join('\n')
}

/** JSON of the same value, with every character that a terminal could act upon escaped. */
export function formatJson(value: unknown): string {
  return escapeJson(JSON.stringify(value, null, 2))
}

/** JSON text without characters that a terminal could act upon; the same value. */
export function escapeJson(text: string): string {
  return text.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

export function formatYaml(value: unknown, terminal: Terminal): string {
  const text = stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
  return terminal.isOutTerminal ? neutralizeText(text) : text
}

/** kubectl's form: `kustomization.kustomize.toolkit.fluxcd.io/apps`. */
export function objectName(ref: ObjectRef): string {
  const kind = ref.kind.toLowerCase()
  return neutralizeLine(`${ref.group === '' ? kind : `${kind}.${ref.group}`}/${ref.name}`)
}

/** A sentence for stderr, without control sequences. */
export function plainWords(text: string): string {
  return neutralizeText(text)
}
