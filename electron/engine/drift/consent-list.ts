/** What clusters' objects name and the user may allow for the cluster that named it: one list for hosts, one for repositories. Kept on this machine. */
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { SluiceError } from '../../../shared/model/errors.ts'
import { KeyedItems } from '../clusters/keyed-feed.ts'
import type { Ports } from '../ports.ts'
import { StoredJson } from '../settings/stored-json.ts'

export interface Consent {
  /** `CLUSTER|SUBJECT`. */
  readonly key: string
  readonly cluster: ClusterId
  readonly subject: string
  readonly isAllowed: boolean
  /** `Kind/namespace/name`, at most 20. */
  readonly namedBy: readonly string[]
}

export interface ConsentListOptions<Row extends { readonly key: string }, Field extends string> {
  /** Name of the stored document, and of the property that holds a subject in it. */
  readonly file: string
  readonly field: Field
  readonly rowOf: (consent: Consent) => Row
  /** What is said where no object of the cluster names the subject. */
  readonly unnamed: (subject: string) => SluiceError
  /** What failed for want of it may be tried again. */
  readonly onAllowed: (cluster: ClusterId) => void
}

export interface ConsentList<Row extends { readonly key: string }> {
  readonly items: KeyedItems<Row>
  /** Resolves when what was allowed before is in force. */
  readonly loaded: Promise<void>
  note(cluster: ClusterId, subject: string, by: string): void
  isAllowed(cluster: ClusterId, subject: string): boolean
  /** Rejects with `unnamed` where no object of the cluster named the subject. */
  allow(cluster: ClusterId, subject: string, isAllowed: boolean): Promise<void>
  /** Rows are made anew: something of them that is not kept here has changed. */
  refresh(): void
  settled(): Promise<void>
}

interface Stored<Field extends string> {
  readonly version: 1
  readonly allowed: readonly ({ readonly cluster: ClusterId } & Readonly<Record<Field, string>>)[]
}

const maxNamed = 20
/** A cluster whose objects name thousands is not worth a list of them. */
const maxEntries = 1000

export function createConsentList<Row extends { readonly key: string }, Field extends string>(
  ports: Pick<Ports, 'clock' | 'store' | 'logger'>,
  options: ConsentListOptions<Row, Field>,
): ConsentList<Row> {
  const { field, rowOf, unnamed, onAllowed } = options
  const file = new StoredJson<Stored<Field>>(ports, options.file)
  const items = new KeyedItems<Row>(ports.clock)
  const entries = new Map<string, { cluster: ClusterId; subject: string; isAllowed: boolean; namedBy: Set<string> }>()
  const keyOf = (cluster: ClusterId, subject: string): string => `${cluster}|${subject}`

  function tell(): void {
    items.set([...entries].map(([key, entry]) => rowOf({ ...entry, key, namedBy: [...entry.namedBy] })))
  }
  const loaded = file
    .read((value) => parseStored(value, field))
    .then((stored) => {
      for (const { cluster, [field]: subject } of stored?.allowed ?? [])
        entries.set(keyOf(cluster, subject), { cluster, subject, isAllowed: true, namedBy: new Set() })
      tell()
    })

  return {
    items,
    loaded,
    note(cluster, subject, by) {
      const key = keyOf(cluster, subject)
      let known = entries.get(key)
      if (known === undefined) {
        if (entries.size >= maxEntries) return
        known = { cluster, subject, isAllowed: false, namedBy: new Set() }
        entries.set(key, known)
      } else if (known.namedBy.has(by) || known.namedBy.size >= maxNamed) return
      known.namedBy.add(by)
      tell()
    },
    isAllowed: (cluster, subject) => entries.get(keyOf(cluster, subject))?.isAllowed === true,
    async allow(cluster, subject, isAllowed) {
      await loaded
      const known = entries.get(keyOf(cluster, subject))
      // SECURITY: items 7 and 10: the window chooses among what a cluster's objects name; it cannot bring its own.
      if (known === undefined) throw unnamed(subject)
      known.isAllowed = isAllowed
      tell()
      const allowed = [...entries.values()].filter((entry) => entry.isAllowed)
      await file.write({
        version: 1,
        allowed: allowed.map((entry) => ({ cluster: entry.cluster, [field]: entry.subject })) as never,
      })
      if (isAllowed) onAllowed(cluster)
    },
    refresh: tell,
    settled: () => file.settled(),
  }
}

function parseStored<Field extends string>(value: unknown, field: Field): Stored<Field> | null {
  const { allowed } = (value ?? {}) as { allowed?: unknown }
  if (!Array.isArray(allowed)) return null
  return {
    version: 1,
    allowed: (allowed as unknown[]).filter((entry): entry is Stored<Field>['allowed'][number] => {
      const { cluster, [field]: subject } = (entry ?? {}) as Partial<Record<string, unknown>>
      return typeof cluster === 'string' && typeof subject === 'string'
    }),
  }
}
