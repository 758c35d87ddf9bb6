/** No blank view on odd data: what a view throws is caught here and said, and the rest of the window goes on. */
import { Component } from 'react'
import type { ErrorInfo, ReactElement, ReactNode } from 'react'
import { Button } from '../ui/button/button.tsx'
import { oneLine } from '../ui/text/plain-text.ts'
import { ViewState } from '../ui/view-state/view-state.tsx'

interface Props {
  /** What failed, for the sentence: "Kustomizations". */
  readonly name: string
  readonly children: ReactNode
}

export class ErrorBoundary extends Component<Props, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: null }

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error: error ?? 'unknown' }
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error(`${this.props.name} could not be drawn`, error, info.componentStack)
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === null) return this.props.children
    return <Failure name={this.props.name} error={error} onRetry={() => this.setState({ error: null })} />
  }
}

function Failure({
  name,
  error,
  onRetry,
}: {
  readonly name: string
  readonly error: unknown
  readonly onRetry: () => void
}): ReactElement {
  return (
    <ViewState
      shape="failed"
      title={`${name} could not be drawn`}
      detail={oneLine(error instanceof Error ? error.message : String(error))}
      actions={<Button onClick={onRetry}>Try again</Button>}
    >
      This is a fault of Sluice; nothing in any cluster was changed. The other views go on.
    </ViewState>
  )
}
