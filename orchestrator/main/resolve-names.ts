import { isAssetKey, TraitlineError, type AssetKey } from '../contract/index.ts'
import { nearest } from '../graph/index.ts'
import type { RunPage } from '../server/api.ts'
import type { Api } from './api.ts'

/** What a user calls an asset: its key, or its name alone where only one asset has it. */
export function resolveAsset({ revision }: Pick<Api, 'revision'>, text: string): AssetKey {
  const keys = revision.manifest.assets.map(({ key }) => key)
  if (isAssetKey(text) && keys.includes(text)) return text
  const named = keys.filter((key) => key.endsWith(`/${text}`))
  if (named.length === 1 && named[0] !== undefined) return named[0]
  const meant = named.length > 1 ? named.slice(0, 3) : nearest(text, keys)
  throw new TraitlineError({
    code: 'ASSET_UNKNOWN',
    message:
      named.length > 1
        ? `${named.length} assets are called ${text}`
        : `revision ${revision.revision} of ${revision.scope.project} has no asset ${text}`,
    hint: meant.length > 0 ? `Did you mean ${meant.join(' or ')}?` : 'List them: traitline assets',
    blame: 'user',
  })
}

const latestRuns = 200

/** What a user calls a run: its id, the end or the beginning of one of the latest, or `latest`. */
export async function resolveRun(api: Api, text: string): Promise<string> {
  if ((await api.store.runs.get(text)) !== null) return text
  const { items } = await api.get<RunPage>('/runs', { limit: latestRuns })
  const ids = items.map(({ run }) => run)
  if (text === 'latest' && ids[0] !== undefined) return ids[0]
  const fitting = ids.filter((id) => id.startsWith(text) || id.endsWith(text))
  if (fitting.length === 1 && fitting[0] !== undefined) return fitting[0]
  const meant = fitting.length > 1 ? fitting.slice(0, 3) : nearest(text, ids)
  throw new TraitlineError({
    code: 'RUN_UNKNOWN',
    message: fitting.length > 1 ? `${fitting.length} runs fit ${text}` : `run ${text} is not in the record`,
    hint: meant.length > 0 ? `Did you mean ${meant.join(' or ')}?` : 'List them: traitline runs',
    blame: 'user',
  })
}
