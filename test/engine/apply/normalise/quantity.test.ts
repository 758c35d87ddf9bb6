import { describe, expect, it } from 'vitest'
import { canonicalQuantity } from '../../../../electron/engine/apply/normalise/quantity.ts'

describe('a quantity', () => {
  it.each([
    ['100m', '100m'],
    ['0.5', '500m'],
    ['1000m', '1'],
    ['1024Mi', '1Gi'],
    ['1536Mi', '1536Mi'],
    ['1.5Gi', '1536Mi'],
    ['0.1', '100m'],
    ['1e3', '1e3'],
    ['1E3', '1E3'],
    ['12e6', '12e6'],
    ['1500', '1500'],
    ['1000000', '1M'],
    ['007', '007'],
    ['+5', '+5'],
    ['-0.5', '-500m'],
    ['0.0000000001', '1n'],
    ['0Ki', '0'],
    ['1Ki', '1Ki'],
    ['8Ki', '8Ki'],
    ['9223372036854775808Ki', '9223372036854775807'],
    ['1000E', '1'],
    ['', null],
    ['1 Gi', null],
    ['1K', null],
    ['1e99999', '1e99999'],
    ['12.5e99998', '1250e99996'],
    ['12345678901234567890e99999', null],
  ])('%s is written %s', (text, written) => {
    expect(canonicalQuantity(text)).toBe(written)
  })

  it('of a hostile exponent is refused at once', () => {
    for (const text of ['0.1234567890123456789e2000000000', '1e-2000000000', '-99999999999999999999e1999999'])
      canonicalQuantity(text)
  })
})
