/** Questions that are asked again when there is news, one at a time. */
import { useEffect, useRef } from 'react'

/**
 * Asks when `id` becomes another, and again when `turn` does. News that comes while an answer is on its way waits for it: in a storm, where every answer
 * is late, each of them would otherwise be dropped for the next. What comes when `isGone` is nobody's any more.
 */
export function useAsked(id: string, turn: number, ask: (isGone: () => boolean) => Promise<void>): void {
  const latest = useRef(ask)
  const askAgain = useRef<() => void>(() => undefined)
  const askedTurn = useRef(turn)
  useEffect(() => {
    latest.current = ask
  })
  useEffect(() => {
    let isGone = false
    let isAsking = false
    let isNews = true
    const run = async (): Promise<void> => {
      isAsking = true
      while (isNews && !isGone) {
        isNews = false
        await latest.current(() => isGone)
      }
      isAsking = false
    }
    askAgain.current = () => {
      isNews = true
      if (!isAsking) void run()
    }
    void run()
    return () => {
      isGone = true
    }
  }, [id])
  useEffect(() => {
    if (askedTurn.current === turn) return
    askedTurn.current = turn
    askAgain.current()
  }, [turn])
}
