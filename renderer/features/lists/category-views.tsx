/** The list views of the rail: one list, told its category. */
import type { ReactElement } from 'react'
import { ListView } from './list-view.tsx'

export function KustomizationsView(): ReactElement {
  return <ListView view="kustomizations" category="kustomizations" title="Kustomizations" />
}

export function ReleasesView(): ReactElement {
  return <ListView view="releases" category="releases" title="Helm releases" />
}

export function SourcesView(): ReactElement {
  return <ListView view="sources" category="sources" title="Sources" />
}

export function ImagesView(): ReactElement {
  return <ListView view="images" category="images" title="Images" />
}

export function NotificationsView(): ReactElement {
  return <ListView view="notifications" category="notifications" title="Notifications" />
}

export function OtherKindsView(): ReactElement {
  return <ListView view="other" category="other" title="Other kinds" />
}
