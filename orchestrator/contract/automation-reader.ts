import type { AssetKey } from './asset-key.ts'
import type { AutomationFacts, AutomationMemory } from './automation.ts'

/** What happened since the last evaluation. */
export interface AutomationNews {
  /** Null before the first evaluation. */
  readonly last: {
    readonly version: number
    readonly revision: number
    readonly ticks: Readonly<Record<string, string>>
  } | null
  /** The end of the log, and the database's clock, at which everything else is read. */
  readonly sequence: number
  readonly now: string
  /** Assets of which something was recorded. */
  readonly changed: readonly AssetKey[]
  /** Assets whose condition may have changed by time alone. */
  readonly due: readonly AssetKey[]
}

/** Reads at one instant, however often it is asked. */
export interface AutomationReader {
  news(): Promise<AutomationNews>
  /** `checks` are the names that conditions ask for. */
  facts(keys: readonly AssetKey[], checks: readonly string[]): Promise<Record<AssetKey, AutomationFacts>>
  memories(keys: readonly AssetKey[]): Promise<Record<AssetKey, AutomationMemory>>
}
