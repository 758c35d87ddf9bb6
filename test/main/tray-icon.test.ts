import { expect, it } from 'vitest'
import { drawTrayIcon } from '../../electron/main/tray-icon.ts'

const pixel = (image: Buffer, side: number, x: number, y: number): readonly number[] => [
  ...image.subarray((y * side + x) * 4, (y * side + x) * 4 + 4),
]

it('draws the gate in the ink of the bar, clear around it, with a dot in the colour of what it says', () => {
  for (const side of [16, 32]) {
    const light = drawTrayIcon(side, 'light', 'none')
    expect(light.length).toBe(side * side * 4)
    // The leaf, and the clear strip between it and the post.
    expect(pixel(light, side, side / 2, (side * 7) / 16)).toEqual([38, 32, 16, 255])
    expect(pixel(light, side, 0, 0)).toEqual([0, 0, 0, 0])
    expect(pixel(drawTrayIcon(side, 'dark', 'none'), side, side / 2, (side * 7) / 16)).toEqual([239, 237, 230, 255])
    const at = [(side * 12) / 16, (side * 4) / 16] as const
    expect(pixel(drawTrayIcon(side, 'dark', 'failing'), side, ...at)).toEqual([75, 83, 229, 255])
    expect(pixel(drawTrayIcon(side, 'dark', 'drifted'), side, ...at)).toEqual([42, 150, 226, 255])
    // macOS colours it: shape alone.
    expect(pixel(drawTrayIcon(side, 'template', 'failing'), side, ...at)).toEqual([0, 0, 0, 255])
  }
})

it('tells each state from the others by its shape alone', () => {
  for (const side of [16, 32]) {
    const marks = ['none', 'failing', 'unreachable', 'drifted', 'hosting'] as const
    const shapes = marks.map((mark) => drawTrayIcon(side, 'template', mark).toString('hex'))
    expect(new Set(shapes).size).toBe(marks.length)
    // A ring: clear in its middle, red around it.
    const ring = drawTrayIcon(side, 'dark', 'unreachable')
    expect(pixel(ring, side, (side * 12) / 16, (side * 4) / 16)[3]).toBe(0)
    expect(pixel(ring, side, (side * 9) / 16, (side * 4) / 16)).toEqual([75, 83, 229, 255])
  }
})
