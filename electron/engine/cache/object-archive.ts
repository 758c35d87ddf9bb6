/**
 * Compressed bytes of objects, parsed on demand. Objects of one kind resemble each other, so blocks of them are compressed together:
 * a tenth of the size of compressing each alone (20,000 parsed Kustomizations are 132 MB, in here a few).
 */
import type { Codec } from '../ports.ts'

/** A block is closed when its texts reach this many characters: inflating one on demand stays well under a millisecond. */
const blockChars = 64 * 1024

class Block {
  /** Texts while open, null once closed. */
  texts: string[] | null = []
  bytes: Uint8Array | null = null
  chars = 0
  live = 0
  readonly slots: (ArchiveSlot | null)[] = []
}

/** Where one object's text lies. Opaque to callers. */
export interface Slot {
  readonly block: Block
  readonly index: number
}

class ArchiveSlot implements Slot {
  block: Block
  index: number
  constructor(block: Block, index: number) {
    this.block = block
    this.index = index
  }
}

const separator = '\n'

export class ObjectArchive {
  readonly #codec: Codec
  #open = new Block()
  /** The block read last, inflated: neighbours are often read next. */
  #recent: { readonly block: Block; readonly texts: readonly string[] } | null = null

  constructor(codec: Codec) {
    this.#codec = codec
  }

  /** Keeps one JSON text (no raw newline in it, as JSON.stringify writes). */
  add(text: string): Slot {
    const block = this.#open
    const slot = new ArchiveSlot(block, block.slots.length)
    block.texts?.push(text)
    block.slots.push(slot)
    block.chars += text.length
    block.live += 1
    if (block.chars >= blockChars) this.#close(block)
    return slot
  }

  read(slot: Slot): string {
    return this.#textsOf(slot.block)[slot.index] ?? ''
  }

  remove(slot: Slot): void {
    const { block } = slot
    if (block.slots[slot.index] !== slot) return
    block.slots[slot.index] = null
    block.live -= 1
    if (block.texts !== null) {
      block.texts[slot.index] = ''
      return
    }
    if (block.live === 0) {
      block.bytes = null
      if (this.#recent?.block === block) this.#recent = null
    } else if (block.live * 4 < block.slots.length) this.#repack(block)
  }

  clear(): void {
    this.#open = new Block()
    this.#recent = null
  }

  #textsOf(block: Block): readonly string[] {
    if (block.texts !== null) return block.texts
    if (this.#recent?.block === block) return this.#recent.texts
    const texts = block.bytes === null ? [] : this.#codec.inflate(block.bytes).split(separator)
    this.#recent = { block, texts }
    return texts
  }

  #close(block: Block): void {
    // A copy: zlib hands out views of larger chunks, which would keep those alive.
    block.bytes = new Uint8Array(this.#codec.deflate((block.texts ?? []).join(separator)))
    block.texts = null
    this.#open = new Block()
  }

  /** Moves the few live texts of a mostly dead block into the open one; slots keep their identity. */
  #repack(block: Block): void {
    const texts = this.#textsOf(block)
    for (const slot of block.slots) {
      if (slot === null) continue
      const target = this.#open
      const text = texts[slot.index] ?? ''
      slot.block = target
      slot.index = target.slots.length
      target.texts?.push(text)
      target.slots.push(slot)
      target.chars += text.length
      target.live += 1
      if (target.chars >= blockChars) this.#close(target)
    }
    block.bytes = null
    block.live = 0
    if (this.#recent?.block === block) this.#recent = null
  }
}
