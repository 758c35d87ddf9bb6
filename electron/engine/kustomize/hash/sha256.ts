/** SHA-256 (FIPS 180-4): the engine has no crypto of a platform to call synchronously. */

const roundConstants = new Uint32Array(64)
const initialState = new Uint32Array(8)

/** The first 32 bits of the fractional parts of roots of the first primes, as the standard derives them. */
function deriveConstants(): void {
  const fraction = (value: number): number => ((value - Math.floor(value)) * 0x100000000) | 0
  let found = 0
  for (let candidate = 2; found < 64; candidate++) {
    let isPrime = true
    for (let factor = 2; factor * factor <= candidate && isPrime; factor++) isPrime = candidate % factor !== 0
    if (!isPrime) continue
    if (found < 8) initialState[found] = fraction(Math.sqrt(candidate))
    roundConstants[found] = fraction(Math.cbrt(candidate))
    found += 1
  }
}

deriveConstants()

/** Lower-case hexadecimal digest of the bytes. */
export function sha256Hex(bytes: Uint8Array): string {
  const bitLength = bytes.length * 8
  const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(bitLength / 0x100000000))
  view.setUint32(padded.length - 4, bitLength >>> 0)

  const state = initialState.slice()
  const schedule = new Uint32Array(64)
  for (let offset = 0; offset < padded.length; offset += 64) {
    for (let i = 0; i < 16; i++) schedule[i] = view.getUint32(offset + i * 4)
    for (let i = 16; i < 64; i++) {
      const a = schedule[i - 15]!
      const b = schedule[i - 2]!
      const small0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)
      const small1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10)
      schedule[i] = schedule[i - 16]! + small0 + schedule[i - 7]! + small1
    }
    compress(state, schedule)
  }
  return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('')
}

function compress(state: Uint32Array, schedule: Uint32Array): void {
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
  for (let i = 0; i < 64; i++) {
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const first = (h + big1 + ((e & f) ^ (~e & g)) + roundConstants[i]! + schedule[i]!) | 0
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const second = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  const next = [a, b, c, d, e, f, g, h]
  for (let i = 0; i < 8; i++) state[i]! += next[i]!
}

function rotate(word: number, count: number): number {
  return (word >>> count) | (word << (32 - count))
}
