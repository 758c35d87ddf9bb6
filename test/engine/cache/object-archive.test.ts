import { describe, expect, it } from 'vitest'
import { ObjectArchive } from '../../../electron/engine/cache/object-archive.ts'
import type { Slot } from '../../../electron/engine/cache/object-archive.ts'
import { memoryCodec } from '../memory-codec.ts'
import { scaleCount, seed } from '../../soak.ts'

function random(start: number): () => number {
  let state = start
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

describe('ObjectArchive', () => {
  it('gives back what was kept, through any order of additions, changes and removals', () => {
    const next = random(seed())
    const archive = new ObjectArchive(memoryCodec)
    const kept = new Map<number, { slot: Slot; text: string }>()
    for (let step = 0; step < scaleCount(200_000); step += 1) {
      const id = Math.floor(next() * 500)
      const known = kept.get(id)
      if (known !== undefined && next() < 0.6) {
        expect(archive.read(known.slot)).toBe(known.text)
        continue
      }
      if (known !== undefined) {
        archive.remove(known.slot)
        kept.delete(id)
        if (next() < 0.3) continue
      }
      const text = JSON.stringify({ id, step, fill: 'ä'.repeat(Math.floor(next() * 3000)) })
      kept.set(id, { slot: archive.add(text), text })
    }
    for (const { slot, text } of kept.values()) expect(archive.read(slot)).toBe(text)
  })

  it('removes a slot once only', () => {
    const archive = new ObjectArchive(memoryCodec)
    const a = archive.add('"a"')
    const b = archive.add('"b"')
    archive.remove(a)
    archive.remove(a)
    expect(archive.read(b)).toBe('"b"')
  })
})
