import { expect, it } from 'vitest'
import { releaseOf } from '../../electron/cli/host-command.ts'
import { runHostCommand } from '../../electron/cli/host-program.ts'

const fluxChecksum = 'a'.repeat(64)

it('takes a release of Flux by version and checksum, as people write them, and says what is wrong with others', () => {
  expect(releaseOf({})).toBeNull()
  const release = { version: 'v2.9.5', checksum: fluxChecksum }
  expect(releaseOf({ fluxRelease: 'v2.9.5', fluxChecksum })).toEqual(release)
  expect(releaseOf({ fluxRelease: '2.9.5', fluxChecksum: `sha256:${'A'.repeat(64)}` })).toEqual(release)
  expect(() => releaseOf({ fluxRelease: 'v2.9.5' })).toThrow('--flux-release and --flux-checksum belong together')
  expect(() => releaseOf({ fluxChecksum })).toThrow('--flux-release and --flux-checksum belong together')
  expect(() => releaseOf({ fluxRelease: '../../x', fluxChecksum })).toThrow(
    '--flux-release takes a version such as v2.9.5, not "../../x".',
  )
  expect(() => releaseOf({ fluxRelease: 'v2.9.5', fluxChecksum: 'beef' })).toThrow('64 hexadecimal digits')
})

it.each([[['--approve', 'beef']], [['--flux-release', 'v2.9.5', '--context', 'none-of-them']]])(
  'ends with 2 where its words are wrong: %j',
  async (words) => {
    expect(await runHostCommand(words)).toBe(2)
  },
)
