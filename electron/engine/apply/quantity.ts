/** Kubernetes quantities (`500m`, `1Gi`, `1e3`): equal values in different spelling. Source: apimachinery's resource.Quantity. */
const shape = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/
const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** Whether both are quantities of the same value; false for texts that are none. */
export function isSameQuantity(a: unknown, b: unknown): boolean {
  const left = parse(a)
  const right = parse(b)
  if (left === null || right === null) return false
  return Math.abs(left - right) <= Math.abs(left) * 1e-12
}

function parse(value: unknown): number | null {
  if (typeof value === 'number') return value
  const match = typeof value === 'string' ? shape.exec(value) : null
  if (match === null) return null
  return Number(`${match[1] ?? ''}${match[2] ?? ''}`) * (factors[match[3] ?? ''] ?? 1)
}
