/** What a bench answers and how it is printed: every figure beside the anchor that was measured in the same run. */

export interface Figure {
  readonly id: string
  readonly value: number
  readonly unit: string
  /** What `ratio` divides by; null where the bar is absolute. */
  readonly anchor: number | null
  readonly ratio: number | null
  /** The bar in words, e.g. `<= 2 x bare window`. */
  readonly bar: string
  readonly ok: boolean
}

/** Thrown by a bench that cannot measure here: why not. */
export class CannotMeasure extends Error {}

/** A figure held against an anchor: ok when value / anchor <= limit. */
export function againstAnchor(
  id: string,
  value: number,
  unit: string,
  anchor: number,
  limit: number,
  anchorName: string,
): Figure {
  const ratio = value / anchor
  return {
    id,
    value: round(value),
    unit,
    anchor: round(anchor),
    ratio: round(ratio),
    bar: `<= ${limit < 1 ? `1/${Math.round(1 / limit)}` : limit} x ${anchorName}`,
    ok: ratio <= limit,
  }
}

/** A figure held against a fixed bar. */
export function againstBar(id: string, value: number, unit: string, limit: number): Figure {
  return { id, value: round(value), unit, anchor: null, ratio: null, bar: `<= ${limit} ${unit}`, ok: value <= limit }
}

function round(value: number): number {
  if (Math.abs(value) < 0.1) return Math.round(value * 10_000) / 10_000
  return Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100
}

export function printTable(figures: readonly Figure[]): void {
  const rows = figures.map((figure) => [
    figure.ok ? 'ok' : 'OVER',
    figure.id,
    `${figure.value} ${figure.unit}`,
    figure.anchor === null ? '' : `${figure.anchor} ${figure.unit}`,
    figure.ratio === null ? '' : `${figure.ratio} x`,
    figure.bar,
  ])
  const header = ['', 'bench', 'value', 'anchor', 'ratio', 'bar']
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  for (const row of [header, ...rows])
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** Nearest-rank percentile, `share` in (0, 1]; NaN for no values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
