/**
 * The tray's icon: the gate of our mark, drawn here in any size, with a sign for the worst that there is. Signs differ in shape as well as in colour:
 * macOS draws all of them in one. Pure: bytes, no Electron.
 */

/** `dark`: for dark bars, light ink. `template`: macOS colours it, shape alone counts. */
export type IconInk = 'dark' | 'light' | 'template'
export type IconDot = 'none' | 'failing' | 'unreachable' | 'drifted' | 'hosting'

type Colour = readonly [red: number, green: number, blue: number]

/** Tokens fg, failed, unreachable (as failed), drifted and accent of both themes. */
const inks: Readonly<Record<IconInk, Colour>> = { dark: [230, 237, 239], light: [16, 32, 38], template: [0, 0, 0] }
const dots: Readonly<Record<Exclude<IconDot, 'none'>, Colour>> = {
  failing: [229, 83, 75],
  unreachable: [229, 83, 75],
  drifted: [226, 150, 42],
  hosting: [43, 179, 196],
}

/** In sixteenths of the side: two posts under a beam, the leaf between them, water below. */
const shapes: readonly (readonly [left: number, top: number, right: number, bottom: number])[] = [
  [1.5, 1.5, 14.5, 3.25],
  [2.5, 3.25, 4.25, 12],
  [11.75, 3.25, 13.5, 12],
  [5.5, 4.5, 10.5, 9.25],
  [1.5, 13, 6.5, 14.5],
  [8, 13, 14.5, 14.5],
]
const dot = { x: 12, y: 4, radius: 3.75, gap: 1.25 }
/** How far from the sign's middle a point is, and between what it is drawn: a disc, a ring, a diamond, a small disc. */
const signs: Readonly<
  Record<
    Exclude<IconDot, 'none'>,
    { readonly distance: (x: number, y: number) => number; readonly from: number; readonly to: number }
  >
> = {
  failing: { distance: Math.hypot, from: 0, to: dot.radius },
  unreachable: { distance: Math.hypot, from: 1.75, to: dot.radius },
  drifted: { distance: (x, y) => Math.abs(x) + Math.abs(y), from: 0, to: 4 },
  hosting: { distance: Math.hypot, from: 0, to: 2.5 },
}
const samples = 4

/** BGRA, `side` × `side`, premultiplied, as nativeImage.createFromBitmap takes it. */
export function drawTrayIcon(side: number, ink: IconInk, mark: IconDot): Buffer {
  const pixels = Buffer.alloc(side * side * 4)
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1) {
      let inked = 0
      let dotted = 0
      for (let sample = 0; sample < samples * samples; sample += 1) {
        const u = ((x + ((sample % samples) + 0.5) / samples) * 16) / side
        const v = ((y + (Math.floor(sample / samples) + 0.5) / samples) * 16) / side
        const sign = mark === 'none' ? null : signs[mark]
        const distance = sign === null ? Infinity : sign.distance(u - dot.x, v - dot.y)
        if (sign !== null && distance >= sign.from && distance <= sign.to) dotted += 1
        else if ((sign === null || Math.hypot(u - dot.x, v - dot.y) > dot.radius + dot.gap) && isInk(u, v)) inked += 1
      }
      const all = samples * samples
      const colour = inks[ink]
      const dotColour = mark === 'none' || ink === 'template' ? colour : dots[mark]
      const at = (y * side + x) * 4
      for (const [offset, channel] of [2, 1, 0].entries())
        pixels[at + offset] = Math.round(((colour[channel] ?? 0) * inked + (dotColour[channel] ?? 0) * dotted) / all)
      pixels[at + 3] = Math.round((255 * (inked + dotted)) / all)
    }
  return pixels
}

function isInk(u: number, v: number): boolean {
  return shapes.some(([left, top, right, bottom]) => u >= left && u < right && v >= top && v < bottom)
}
