/** Where Sluice may look for what Git says, and with what: hosts and repositories that clusters' objects name, folders mapped to sources. */
import { useMemo } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useStore } from 'zustand'
import type { MappedFolder, SourceHost, SourceRepository } from '../../../shared/model/drift.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import { contextOfCluster, contextsStore } from '../../stores/contexts.ts'
import {
  allowCredentials,
  allowHost,
  forgetToken,
  keepToken,
  unmapFolder,
  useTokenStore,
} from '../../stores/drift-actions.ts'
import { useStream } from '../../stores/use-stream.ts'
import { Button } from '../../ui/button/button.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { Switch } from '../../ui/switch/switch.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import { Section } from './settings-section.tsx'
import styles from './settings.module.css'

/** What waits for an answer first, then by cluster and host. */
export function sortHosts<Item extends SourceHost | SourceRepository>(items: Iterable<Item>): readonly Item[] {
  return [...items].sort(
    (a, b) => Number(a.isAllowed) - Number(b.isAllowed) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  )
}

export function SourcesSection(): ReactElement {
  const hosts = useStream('hosts.watch', {})
  const credentials = useStream('credentials.watch', {})
  const folders = useStream('folders.watch', {})
  const tokens = useTokenStore()
  const sorted = useMemo(() => sortHosts(hosts.items.values()), [hosts.items])
  const repositories = useMemo(() => sortHosts(credentials.items.values()), [credentials.items])
  return (
    <>
      <Section
        title="Hosts of sources"
        note="To find drift Sluice may fetch what a cluster's sources name. A host that no kubeconfig names is contacted only once you allow it, for that cluster."
      >
        {sorted.length === 0 ? (
          <p className={styles.hint}>The selected clusters name no host that would have to be contacted.</p>
        ) : (
          <ConsentTable label="Hosts of sources" subject="Host">
            {sorted.map((host) => (
              <ConsentLine
                key={host.key}
                item={host}
                subject={host.host}
                action={`Allow ${host.host}`}
                onChange={(isOn) => void allowHost(host.cluster, host.host, isOn)}
              />
            ))}
          </ConsentTable>
        )}
      </Section>
      <Section
        title="Repositories read with your own credentials"
        note="Where a source has no Secret that you may read, your own Git credentials (a token kept here, credential helper, SSH agent and keys) may open its repository: only the ones you allow, each for one cluster."
      >
        {repositories.length === 0 ? (
          <p className={styles.hint}>No repository has asked for your own credentials.</p>
        ) : (
          <ConsentTable label="Repositories read with your own credentials" subject="Repository" extra="Token">
            {repositories.map((repository) => (
              <ConsentLine
                key={repository.key}
                item={repository}
                subject={repository.url}
                action={`Use my own credentials for ${repository.url}`}
                onChange={(isOn) => void allowCredentials(repository.cluster, repository.url, isOn)}
                extra={
                  <TokenButton
                    repository={repository}
                    offReason={tokens === null ? 'Looking for the keychain' : tokens.reason}
                  />
                }
              />
            ))}
          </ConsentTable>
        )}
        {repositories.length > 0 && (
          <p className={styles.hint}>
            {tokens === null || tokens.isAvailable
              ? 'To keep a token for an https repository, copy it (or user:token), then press Keep token. It is encrypted by the keychain of this machine and never shown again.'
              : `No token can be kept here. ${tokens.reason}`}
          </p>
        )}
      </Section>
      <Section
        title="Folders of sources"
        note="Local working copies that stand for a source: used where neither its artifact nor its host can be reached, and to open files."
      >
        {folders.items.size === 0 ? (
          <p className={styles.hint}>
            None. On the Drift tab of a Kustomization whose source cannot be reached, “Map a folder…” maps one.
          </p>
        ) : (
          <ul className={styles.files} aria-label="Folders of sources">
            {[...folders.items.values()].map((folder) => (
              <FolderLine key={folder.key} folder={folder} />
            ))}
          </ul>
        )}
      </Section>
    </>
  )
}

function useContextName(cluster: string): string {
  return useStore(contextsStore, (state) => contextOfCluster(state.items, cluster)?.name ?? cluster)
}

/** Keeps the token that lies on the clipboard, or forgets the one that is kept. */
function TokenButton({
  repository,
  offReason,
}: {
  readonly repository: SourceRepository
  /** Why none can be kept; '' where it can. */
  readonly offReason: string
}): ReactElement | null {
  const { cluster, url, hasToken } = repository
  const context = useContextName(cluster)
  if (hasToken)
    return (
      <Button
        size="small"
        aria-label={`Forget the token for ${url} for ${context}`}
        onClick={() => void forgetToken(cluster, url)}
      >
        Forget token
      </Button>
    )
  if (!url.startsWith('https:')) return null
  return (
    <Button
      size="small"
      aria-label={`Keep the token on the clipboard for ${url} for ${context}`}
      offReason={offReason}
      onClick={() => void keepToken(cluster, url)}
    >
      Keep token
    </Button>
  )
}

function ConsentTable({
  label,
  subject,
  extra,
  children,
}: {
  readonly label: string
  readonly subject: string
  /** Heading of one column more. */
  readonly extra?: string
  readonly children: ReactNode
}): ReactElement {
  return (
    <table className={styles.hosts} aria-label={label}>
      <thead>
        <tr>
          <th scope="col">{subject}</th>
          <th scope="col">Cluster</th>
          <th scope="col">Named by</th>
          {extra !== undefined && <th scope="col">{extra}</th>}
          <th scope="col">Allowed</th>
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}

function ConsentLine({
  item,
  subject,
  action,
  extra,
  onChange,
}: {
  readonly item: SourceHost | SourceRepository
  readonly subject: string
  /** What the switch does, but for the cluster. */
  readonly action: string
  readonly extra?: ReactNode
  readonly onChange: (isOn: boolean) => void
}): ReactElement {
  const context = useContextName(item.cluster)
  const names = item.namedBy.join(', ')
  return (
    <tr aria-label={`${subject} for ${context}`}>
      <th scope="row" className="selectable">
        <span className={styles.path}>{oneLine(subject, 2000)}</span>
      </th>
      <td>{oneLine(context, 253)}</td>
      <td>
        <span className={styles.server} {...clippedTooltip(names)}>
          {oneLine(names, 400)}
        </span>
      </td>
      {extra !== undefined && <td>{extra}</td>}
      <td>
        <Switch label={`${action} for ${context}`} isOn={item.isAllowed} onChange={onChange} />
      </td>
    </tr>
  )
}

function FolderLine({ folder }: { readonly folder: MappedFolder }): ReactElement {
  const { source } = folder
  const context = useContextName(source.cluster)
  const title = refTitle(source)
  return (
    <li>
      <div className={styles.file}>
        <Icon name="folder" size={14} />
        <span className={styles.path}>{oneLine(folder.folder, 400)}</span>
        <span className={styles.hint}>stands for</span>
        <KindBadge kind={source.kind} group={source.group} />
        <span>{oneLine(title, 300)}</span>
        <span className={styles.hint}>{oneLine(context, 120)}</span>
        <Button
          size="small"
          className={styles.end}
          aria-label={`Do not use ${folder.folder} for ${title}`}
          onClick={() => void unmapFolder(source)}
        >
          Forget
        </Button>
      </div>
    </li>
  )
}
