/**
 * Shamir's secret sharing over GF(2^8) with the polynomial of AES: each part ends with its x coordinate.
 * Semantics: SOPS 3.13.2 `shamir.Combine`.
 */
export class ShamirFault extends Error {
  override readonly name = 'ShamirFault'
}

function multiply(a: number, b: number): number {
  let product = 0
  let x = a
  for (let bit = 0; bit < 8; bit++) {
    if ((b >> bit) & 1) product ^= x
    x = x & 0x80 ? ((x << 1) ^ 0x11b) & 0xff : x << 1
  }
  return product
}

function invert(a: number): number {
  // a^254, because every element but 0 has order dividing 255
  let result = a
  for (let i = 0; i < 6; i++) result = multiply(multiply(result, result), a)
  return multiply(result, result)
}

/** The secret that the parts share; wrong where they are fewer than the threshold. Throws ShamirFault. */
export function combineParts(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts
  if (first === undefined || parts.length < 2)
    throw new ShamirFault('less than two parts cannot be used to reconstruct the secret')
  if (first.length < 2) throw new ShamirFault('parts must be at least two bytes')
  if (parts.some((part) => part.length !== first.length)) throw new ShamirFault('all parts must be the same length')
  const xs = parts.map((part) => part[part.length - 1]!)
  if (new Set(xs).size < xs.length) throw new ShamirFault('duplicate part detected')
  const weights = xs.map((x, i) =>
    xs.reduce((weight, other, j) => (i === j ? weight : multiply(weight, multiply(other, invert(x ^ other)))), 1),
  )
  return Uint8Array.from({ length: first.length - 1 }, (_, index) =>
    parts.reduce((sum, part, i) => sum ^ multiply(part[index]!, weights[i]!), 0),
  )
}
