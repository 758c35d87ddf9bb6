/** What the window asks of notifications. Each shows its own failure. */
import type { NotifyEvent, NotifyRule, QuietHours } from '../../shared/model/notify.ts'
import { callHost } from './host.ts'
import { showFailure, showToast } from './toasts.ts'

export async function saveNotify(rules: readonly NotifyRule[], quiet: QuietHours): Promise<void> {
  const result = await callHost('notify.save', { rules: [...rules], quiet })
  if (!result.ok) showFailure(result.error)
}

/** null ends it. */
export async function snoozeNotifications(until: number | null): Promise<void> {
  const result = await callHost('notify.snooze', { until })
  if (!result.ok) showFailure(result.error)
}

/** Shows one, and says where the desktop does not. */
export async function testNotification(event: NotifyEvent): Promise<void> {
  const result = await callHost('notify.test', { event })
  if (!result.ok) showFailure(result.error)
  else if (result.value.isShown) showToast('info', 'The desktop was given a notification')
  else
    showToast(
      'failure',
      'The desktop shows no notifications',
      'On Linux a notification daemon is needed; elsewhere the system’s settings must let Sluice show them.',
    )
}
