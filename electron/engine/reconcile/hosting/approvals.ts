/** What waits for the user, and what the user approved or said is to be applied: by digest, so that it counts for nothing but what was shown. Kept over restarts. */
import type { PendingApproval } from '../../../../shared/model/hosting.ts'
import type { ClusterId, ObjectRef } from '../../../../shared/model/identity.ts'
import { isSameRef, refKey, refTitle } from '../../../../shared/model/identity.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import { KeyedItems } from '../../clusters/keyed-feed.ts'
import type { Ports } from '../../ports.ts'
import { StoredJson } from '../../settings/stored-json.ts'
import { asArray, asRecord, asText } from '../../status/read.ts'
import type { RunApprovals } from '../reconciler.ts'
import { ApplyWishes } from './apply-wishes.ts'

export interface Approvals {
  readonly loaded: Promise<void>
  readonly items: KeyedItems<PendingApproval>
  readonly wishes: ApplyWishes
  of(ref: ObjectRef): RunApprovals
  /** SluiceError PlanMoved where something else waits now, NotFound where nothing does. */
  approve(ref: ObjectRef, digest: string): Promise<void>
  /** Nothing is asked for these any more: this process ends. What was allowed and not yet done stays allowed. */
  withdraw(isMeant: (ref: ObjectRef) => boolean): void
  /** The object is gone, or hosted mode was switched off for its cluster: what was allowed is not, should either come back. */
  forget(of: ObjectRef | ClusterId): void
  /** Drops what another process of this installation has used up since it was read: before this one acts. */
  recheck(): Promise<void>
  settled(): Promise<void>
}

export function createApprovals(ports: Pick<Ports, 'clock' | 'store' | 'logger'>): Approvals {
  const stored = new StoredJson<Readonly<Record<string, string>>>(ports, 'hosting-approvals.json')
  /** refKey → digests, one after the other: what was approved, and what was left of it later. */
  const approved = new Map<string, string>()
  const pending = new Map<string, PendingApproval>()
  const items = new KeyedItems<PendingApproval>(ports.clock)
  const wishes = new ApplyWishes(ports)
  const loaded = Promise.all([stored.read(readApproved), wishes.loaded]).then(([known]) => {
    for (const [key, digest] of Object.entries(known ?? {})) if (!approved.has(key)) approved.set(key, digest)
  })
  const publish = (): void => void items.set(pending.values())
  const save = async (): Promise<void> => stored.write(Object.fromEntries(approved))
  const saveSoon = (): void => {
    save().catch((error: unknown) => {
      ports.logger.log('warn', 'approvals could not be kept', { error: String(error) })
    })
  }
  function withdraw(isMeant: (ref: ObjectRef) => boolean): void {
    for (const [key, { ref }] of pending) if (isMeant(ref)) pending.delete(key)
    publish()
  }

  return {
    loaded,
    items,
    wishes,
    of(ref) {
      const key = refKey(ref)
      return {
        isApproved: (digest) => isAmong(approved.get(key), digest),
        ask(asked) {
          const known = pending.get(key)
          const since = known?.digest === asked.digest ? known.since : ports.clock.now()
          pending.set(key, { ...asked, key, ref, since })
          publish()
        },
        allowRest(of, rest) {
          const known = approved.get(key)
          if (known === undefined || !isAmong(known, of) || isAmong(known, rest)) return
          approved.set(key, `${known} ${rest}`)
          saveSoon()
        },
        withdraw() {
          if (pending.delete(key)) publish()
        },
        settle() {
          if (pending.delete(key)) publish()
          if (approved.delete(key)) saveSoon()
        },
      }
    },
    async approve(ref, digest) {
      const waiting = [...pending.values()].find((each) => isSameRef(each.ref, ref))
      if (waiting === undefined)
        throw new SluiceError('NotFound', `Nothing of ${ref.kind} ${refTitle(ref)} waits for approval`)
      if (waiting.digest !== digest)
        throw new SluiceError('PlanMoved', `What waits of ${ref.kind} ${refTitle(ref)} is not what you saw`, {
          remedy: 'Look at it again.',
        })
      approved.set(refKey(ref), digest)
      pending.delete(refKey(ref))
      publish()
      await save()
    },
    withdraw,
    forget(of) {
      const isMeant = (key: string): boolean => (typeof of === 'string' ? key.startsWith(`${of}|`) : key === refKey(of))
      withdraw((ref) => isMeant(refKey(ref)))
      const known = approved.size
      for (const key of [...approved.keys()]) if (isMeant(key)) approved.delete(key)
      if (approved.size < known) saveSoon()
      wishes.forget(isMeant)
    },
    async recheck() {
      await loaded
      await wishes.recheck()
      if (approved.size === 0) return
      await stored.settled()
      const kept = (await stored.read(readApproved)) ?? {}
      for (const [key, digest] of approved) if (kept[key] !== digest) approved.delete(key)
    },
    async settled() {
      await Promise.all([stored.settled(), wishes.settled()])
    },
  }
}

function isAmong(digests: string | undefined, digest: string): boolean {
  return digests?.split(' ').includes(digest) === true
}

function readApproved(value: unknown): Readonly<Record<string, string>> | null {
  const entries = asArray(Object.entries(asRecord(value))).map((entry) => entry as [string, unknown])
  return Object.fromEntries(entries.map(([key, digest]): [string, string] => [key, asText(digest)]))
}
