/** Runs many cases, several at a time, and prints each difference once it is small. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Difference, DifferenceKind } from './differential.ts'
import { differ, makeWorkFolder, nativeKustomize, writeCase } from './differential.ts'
import type { FuzzCase } from './generate-case.ts'
import { generateCase } from './generate-case.ts'
import { shrinkCase } from './shrink.ts'

export interface FuzzRun {
  readonly count: number
  readonly firstSeed: number
  /** Cases built at the same time. */
  readonly jobs: number
  /** Where shrunk cases are written; nowhere if not given. */
  readonly keep?: string | undefined
  readonly isWordingShown?: boolean
  readonly say: (line: string) => void
  /** Shrinks and prints no more than so many. */
  readonly shown?: number
}

export interface FuzzCounts {
  readonly cases: number
  /** Cases that the real kustomize built. */
  readonly built: number
  /** Everything but wording. */
  readonly differences: number
  readonly wording: number
  readonly seeds: ReadonlyMap<DifferenceKind, readonly number[]>
}

export async function fuzzKustomize(run: FuzzRun): Promise<FuzzCounts> {
  const binary = await nativeKustomize()
  const workFolder = await makeWorkFolder()
  const seeds = new Map<DifferenceKind, number[]>()
  const last = run.firstSeed + run.count
  let next = run.firstSeed
  let done = 0
  let built = 0
  const found: [FuzzCase, Difference][] = []
  async function work(): Promise<void> {
    for (let seed = next++; seed < last; seed = next++) {
      const one = generateCase(seed)
      const { difference, isBuilt } = await differ(binary, one, workFolder, String(seed))
      done += 1
      if (difference !== null) {
        const list = seeds.get(difference.kind) ?? []
        seeds.set(difference.kind, [...list, seed])
        if (difference.kind !== 'wording' || run.isWordingShown === true) found.push([one, difference])
      }
      if (isBuilt) built += 1
      if (done % 1000 === 0) run.say(`${done} cases, ${summary(seeds)}`)
    }
  }
  try {
    await Promise.all(Array.from({ length: run.jobs }, work))
    for (const [one, difference] of found.slice(0, run.shown ?? 5)) {
      const small = await shrinkCase(one, async (candidate) => {
        const { difference: again } = await differ(binary, candidate, workFolder, 'shrinking')
        return again?.kind === difference.kind && isSameFault(difference, again)
      })
      await report(small, workFolder)
    }
  } finally {
    await rm(workFolder, { recursive: true, force: true })
  }
  const differences = [...seeds].reduce((sum, [kind, list]) => sum + (kind === 'wording' ? 0 : list.length), 0)
  for (const [kind, list] of seeds) run.say(`${kind}: seeds ${list.toSorted((a, b) => a - b).join(', ')}`)
  run.say(
    `${done} cases, ${built} of them built, ${differences} differences (${summary(seeds)}), seeds ${run.firstSeed} to ${last - 1}`,
  )
  return { cases: done, built, differences, wording: seeds.get('wording')?.length ?? 0, seeds }

  async function report(small: FuzzCase, folder: string): Promise<void> {
    const { difference: again } = await differ(binary, small, folder, 'shrunk')
    run.say(
      `\n=== seed ${small.seed}: ${again?.kind ?? 'gone'}; kustomize build ${[small.target, ...small.args].join(' ')}`,
    )
    for (const [path, text] of small.files) run.say(`--- ${path}\n${text}`)
    run.say(`--- kustomize: ${again?.native.error ?? ''}\n${again?.native.output ?? ''}`)
    run.say(`--- ours: ${again?.ours.error ?? ''}\n${again?.ours.output ?? ''}`)
    if (run.keep === undefined) return
    const kept = join(run.keep, String(small.seed))
    await mkdir(kept, { recursive: true })
    await writeCase(small, kept)
  }
}

/** While shrinking, a fault must stay the fault it was: the ends of its messages are what tells them apart. */
function isSameFault(first: Difference, again: Difference): boolean {
  const tail = (text: string | null): string =>
    (text ?? '')
      .split('\n')[0]
      ?.replaceAll(/[^a-z ]/gi, '')
      .slice(-25) ?? ''
  switch (first.kind) {
    case 'refused':
    case 'crash':
      return tail(first.ours.error) === tail(again.ours.error)
    case 'accepted':
      return tail(first.native.error) === tail(again.native.error)
    default:
      return true
  }
}

function summary(seeds: ReadonlyMap<DifferenceKind, readonly number[]>): string {
  const parts = [...seeds].map(([kind, list]) => `${kind} ${list.length}`)
  return parts.length === 0 ? 'no differences' : parts.join(', ')
}
