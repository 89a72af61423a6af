import type { AssetKey, AssetSpec } from '../contract/index.ts'
import type { Draft } from './context.ts'

/** Whether it is code alone: whoever reads it runs its query. */
function isView(spec: Omit<AssetSpec, 'codeVersion'>): boolean {
  return spec.kind === 'model' && (spec as { readonly materialized?: string }).materialized === 'view'
}

/**
 * What decides the rows of an asset: its own content, and that of the views that it reads, directly or through other
 * views. A view is looked through only by what keeps a copy of its rows. Without views it is the content itself.
 */
export function contentBehind({ spec, content }: Draft, drafts: ReadonlyMap<AssetKey, Draft>): unknown {
  if (isView(spec)) return content
  const views = new Map<AssetKey, unknown>()
  const pending = [...spec.deps]
  for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
    const upstream = drafts.get(key)
    if (upstream === undefined || views.has(key) || !isView(upstream.spec)) continue
    views.set(key, upstream.content)
    pending.push(...upstream.spec.deps)
  }
  return views.size === 0 ? content : { content, views: Object.fromEntries(views) }
}
