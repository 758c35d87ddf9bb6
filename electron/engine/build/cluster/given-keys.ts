/** The keys of a decryption Secret as a place where a build finds keys, the user's own behind them. */
import type { KeySource } from '../build-decryption.ts'

/** `entries`: names of the Secret's keys → texts. `load` rejects with KeyFileFault where an entry is malformed. */
export function createGivenKeys(entries: Readonly<Record<string, string>>, own: KeySource | null): KeySource {
  return {
    stamp: () => own?.stamp() ?? '',
    async load() {
      // age and OpenPGP are loaded with the first key.
      const { readKeyEntries } = await import('../../decrypt/keys/identities.ts')
      const encoder = new TextEncoder()
      const given = readKeyEntries(new Map(Object.entries(entries).map(([name, text]) => [name, encoder.encode(text)])))
      const mine = own === null ? null : await own.load()
      return {
        identities: {
          age: [...new Set([...given.age, ...(mine?.identities.age ?? [])])],
          pgp: [...new Set([...given.pgp, ...(mine?.identities.pgp ?? [])])],
          services: given.services,
        },
        problems: mine?.problems ?? [],
        externalSops: mine?.externalSops ?? null,
      }
    },
  }
}
