import { isAssetKey, kindOf, type AssetKey, type AssetSpec } from '../contract/index.ts'
import type { Problems } from './problems.ts'

/** Reports what `formerly` cannot mean: which of two assets the history belongs to has to be clear. */
export function checkRenames(specs: readonly Omit<AssetSpec, 'codeVersion'>[], problems: Problems): void {
  const keys = new Set(specs.map(({ key }) => key))
  const claimed = new Map<AssetKey, AssetKey>()
  for (const { key, formerly, definedAt: at } of specs) {
    if (formerly === undefined) continue
    const report = (reason: string, fix: string): void => problems.add({ name: key, at, reason, fix })
    const other = claimed.get(formerly)
    if (!isAssetKey(formerly)) {
      report(
        `formerly is ${JSON.stringify(formerly)}, which is no asset’s key`,
        `Write it with its kind: ${kindOf(key)}/old_name`,
      )
    } else if (kindOf(formerly) !== kindOf(key)) {
      report(
        `it cannot have been ${formerly}: that is another kind of asset`,
        'Leave formerly out, and let it begin anew',
      )
    } else if (formerly === key) report('formerly names the asset itself', 'Leave formerly out')
    else if (keys.has(formerly)) {
      report(
        `it was ${formerly}, which is there too: one history cannot belong to both`,
        `Leave formerly out if ${key} has been deployed under its new name already; else deploy that before ${formerly} is used for something else`,
      )
    } else if (other !== undefined) {
      report(`${other} was ${formerly} too: one history cannot belong to both`, 'Leave formerly out in one of them')
    } else claimed.set(formerly, key)
  }
}
