/** Which columns a list shows. */
import { memo } from 'react'
import type { ReactElement } from 'react'
import type { Category } from '../../../shared/model/rows.ts'
import type { ListState as SavedList } from '../../stores/ui-state.ts'
import { IconButton } from '../../ui/button/button.tsx'
import { Menu } from '../../ui/menu/menu.tsx'
import { availableColumns } from './columns.tsx'

/** Columns and order as delivered. */
export const defaultList: SavedList = { sortColumn: 'status', isDescending: false, columns: {} }

/** Drawn anew with the columns alone: a menu costs more than the rest of the bar, and rows change many times a second. */
export const ColumnChooser = memo(function ColumnChooser({
  category,
  saved,
  isSeveral,
  onChange,
}: {
  readonly category: Category
  readonly saved: SavedList
  readonly isSeveral: boolean
  readonly onChange: (change: Partial<SavedList>) => void
}): ReactElement {
  const entries = availableColumns(category)
    .filter((column) => column.id !== 'name' && (column.id !== 'context' || isSeveral))
    .map((column) => {
      const isChecked = saved.columns[column.id] ?? column.isDefault
      return {
        label: column.label,
        isChecked,
        onSelect: () => onChange({ columns: { ...saved.columns, [column.id]: !isChecked } }),
      }
    })
  return (
    <Menu
      label="Columns"
      trigger={<IconButton icon="columns" label="Choose columns" />}
      entries={[
        ...entries,
        'rule',
        { label: 'Columns and order as delivered', icon: 'reset', onSelect: () => onChange(defaultList) },
      ]}
    />
  )
})
