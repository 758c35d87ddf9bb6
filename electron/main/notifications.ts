/** Notifications as the desktop shows them. Knows nothing of what they are about. */
import { Notification } from 'electron'
import type { ShellRequest } from '../../shared/contract/engine-thread.ts'

/** Without a reference the object is collected, and with it what a click does. */
const shown = new Set<Notification>()
/** Nobody clicks on older ones; not every desktop says that one was closed. */
const maxShown = 50
const answerMs = 3000

/** Whether the desktop took it; false where it shows none. `open` is called with the link on a click. */
export function showNotification(
  { title, body, link }: Extract<ShellRequest, { readonly do: 'notify' }>,
  open: (link: string | null) => void,
): Promise<boolean> {
  if (!Notification.isSupported()) return Promise.resolve(false)
  const notification = new Notification({ title: withoutMarkup(title), body: withoutMarkup(body) })
  shown.add(notification)
  const [oldest] = shown
  if (shown.size > maxShown && oldest !== undefined) shown.delete(oldest)
  const forget = (): void => void shown.delete(notification)
  notification.on('click', () => {
    forget()
    open(link)
  })
  notification.on('close', forget)
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), answerMs)
    const answer = (isShown: boolean): void => {
      clearTimeout(timer)
      resolve(isShown)
    }
    notification.once('show', () => answer(true))
    notification.once('failed', () => {
      forget()
      answer(false)
    })
    notification.show()
  })
}

/** SECURITY: item 13: desktops on Linux take the text for markup: links and pictures of a cluster's making. Nothing in it is a tag. */
function withoutMarkup(text: string): string {
  return process.platform === 'linux' ? text.replaceAll('<', '\u2039').replaceAll('>', '\u203a') : text
}
