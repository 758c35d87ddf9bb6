/**
 * Artifacts that sources had: what a Kustomization applied last may be a revision that its source has left behind, and only the digest that was
 * written beside it then tells whether what storage or the cache still has is that very artifact. Kept over restarts.
 */
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { Ports } from '../ports.ts'
import { asArray, textAt } from '../status/read.ts'
import { StoredJson } from '../settings/stored-json.ts'
import { normalRevision } from './source-object.ts'
import type { ArtifactFacts } from './source-object.ts'

interface StoredSeen {
  readonly version: 1
  /** Oldest first. */
  readonly artifacts: readonly (ArtifactFacts & { readonly source: string })[]
}

const maxSeen = 2000
const maxPerSource = 8
const saveAfterMs = 5000

export class SeenArtifacts {
  readonly #file: StoredJson<StoredSeen>
  readonly #clock: Ports['clock']
  /** Source → its artifacts, oldest first. */
  readonly #seen = new Map<string, ArtifactFacts[]>()
  #isSaveDue = false
  /** Resolves when what earlier runs saw is known. */
  readonly loaded: Promise<void>

  constructor(ports: Pick<Ports, 'clock' | 'store' | 'logger'>) {
    this.#clock = ports.clock
    this.#file = new StoredJson<StoredSeen>(ports, 'artifacts-seen.json')
    this.loaded = this.#file.read(parseSeen).then((stored) => {
      for (const { source, ...facts } of stored?.artifacts ?? []) this.#add(source, facts, true)
    })
  }

  note(source: ObjectRef, facts: ArtifactFacts): void {
    if (facts.digest === '' || !this.#add(refKey(source), facts, false) || this.#isSaveDue) return
    this.#isSaveDue = true
    this.#clock.after(saveAfterMs, () => {
      this.#isSaveDue = false
      void this.#file.write(this.#toStored()).catch(() => undefined)
    })
  }

  find(source: ObjectRef, revision: string): ArtifactFacts | null {
    const wanted = normalRevision(revision)
    return this.#seen.get(refKey(source))?.findLast((facts) => normalRevision(facts.revision) === wanted) ?? null
  }

  #add(source: string, facts: ArtifactFacts, isOld: boolean): boolean {
    const all = this.#seen.get(source) ?? []
    const index = all.findIndex((known) => known.revision === facts.revision && known.digest === facts.digest)
    if (index >= 0 && index === all.length - 1) return false
    if (index >= 0 && isOld) return false
    if (index >= 0) all.splice(index, 1)
    if (isOld) all.unshift(facts)
    else all.push(facts)
    if (all.length > maxPerSource) all.shift()
    this.#seen.set(source, all)
    return true
  }

  #toStored(): StoredSeen {
    const artifacts = [...this.#seen].flatMap(([source, all]) => all.map((facts) => ({ source, ...facts })))
    return { version: 1, artifacts: artifacts.slice(-maxSeen) }
  }
}

function parseSeen(value: unknown): StoredSeen | null {
  const all = asArray((value as { artifacts?: unknown } | null)?.artifacts)
  const artifacts = all.map((one) => ({
    source: textAt(one, 'source'),
    revision: textAt(one, 'revision'),
    digest: textAt(one, 'digest'),
    url: textAt(one, 'url'),
  }))
  // Newest first: each goes in front of what this run has seen already.
  return { version: 1, artifacts: artifacts.filter(({ source, digest }) => source !== '' && digest !== '').reverse() }
}
