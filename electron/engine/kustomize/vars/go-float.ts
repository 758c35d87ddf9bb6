/** Floats as Go's fmt and strconv write them. */

/** Go's `%v` of a float64: shortest digits, an exponent below 1e-4 and from 1e21 on. */
export function formatGoFloat(value: number): string {
  const { sign, digits, point } = decompose(value)
  const exponent = point - 1
  if (exponent >= -4 && exponent < 21) return sign + positional(digits, point)
  const mantissa = digits.length > 1 ? `${digits[0]!}.${digits.slice(1)}` : digits
  const magnitude = String(Math.abs(exponent)).padStart(2, '0')
  return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${magnitude}`
}

/** Go's `FormatFloat(value, 'f', -1, 64)`: never an exponent. */
export function formatPlainFloat(value: number): string {
  const { sign, digits, point } = decompose(value)
  return sign + positional(digits, point)
}

/** Shortest digits and where the point stands: 0.DIGITS times 10^point. */
function decompose(value: number): { sign: string; digits: string; point: number } {
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e')
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  return { sign, digits: mantissa.replace('.', ''), point: value === 0 ? 1 : Number(exponent) + 1 }
}

function positional(digits: string, point: number): string {
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return digits + '0'.repeat(point - digits.length)
  return `${digits.slice(0, point)}.${digits.slice(point)}`
}
