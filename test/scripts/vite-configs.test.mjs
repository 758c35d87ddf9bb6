import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { withEscapes } from '../../scripts/lib/vite-configs.mjs'

it('escapes what is beyond ASCII, and nothing that the code says changes', () => {
  const code = `
    // “A remark” – with dashes
    const größe = 'é… → 😀', ℓ = 2
    const isFound = [/[…→]/.test(größe), /^[^a-z]*[😀]$/u.test(größe), /é\\u2026/.test(größe)]
    JSON.stringify([größe, \`\${ℓ} ’s\`, isFound, { 'schlüssel…': "\\u{1f600}" }])
  `
  const escaped = withEscapes(code)
  expect(escaped).toMatch(/^[\0-\x7f]*$/)
  expect(runInNewContext(escaped)).toBe(runInNewContext(code))
  expect(JSON.parse(runInNewContext(escaped))[2]).toEqual([true, true, true])
})
