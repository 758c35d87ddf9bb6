import { useEffect, useState } from 'react'

/** Rows of the first task: what stands at the top is read first. */
const firstRows = 12
let isDone = false

/**
 * How many rows to draw. The window's very first list is drawn in two tasks, its top and then the rest: while everything starts at once, one
 * task of a whole screen of rows would hold the window's thread too long. Every later list is drawn at once.
 */
export function useFirstDrawing(): number {
  const [isWhole, setWhole] = useState(isDone)
  useEffect(() => {
    if (isWhole) return
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
      isDone = true
      setWhole(true)
    }
    channel.port2.postMessage(null)
    return () => channel.port1.close()
  }, [isWhole])
  return isWhole ? Infinity : firstRows
}
