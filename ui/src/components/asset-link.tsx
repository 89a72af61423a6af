import { Link } from '@tanstack/react-router'
import { kindOf, nameOf, type AssetKey, type AssetKind } from '../../../orchestrator/contract/index.ts'
import { KindIcon } from './icons.tsx'

export const kindLabels: Readonly<Record<AssetKind, { readonly one: string; readonly many: string }>> = {
  source: { one: 'Source', many: 'Sources' },
  model: { one: 'Model', many: 'Models' },
  notebook: { one: 'Notebook', many: 'Notebooks' },
  trait: { one: 'Trait', many: 'Traits' },
  user_model: { one: 'User model', many: 'User models' },
  audience: { one: 'Audience', many: 'Audiences' },
  sync: { one: 'Sync', many: 'Syncs' },
}

/** The parts of an asset's address: `/assets/trait/orders`. */
export function assetParams(key: string): { readonly kind: string; readonly _splat: string } {
  const at = key.indexOf('/')
  return { kind: key.slice(0, at), _splat: key.slice(at + 1) }
}

/** An asset by name, with its kind's icon, leading to its page. */
export function AssetLink({ asset, icon = true }: { readonly asset: AssetKey; readonly icon?: boolean }) {
  return (
    <Link to="/assets/$kind/$" params={assetParams(asset)} className="asset-link" title={asset}>
      {icon && <KindIcon kind={kindOf(asset)} size={14} />}
      <span>{nameOf(asset)}</span>
    </Link>
  )
}
