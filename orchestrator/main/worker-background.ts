import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keepTelling } from '../../activities/alerts/index.ts'
import { keepTellingLineage, parseQueries } from '../../activities/lineage/index.ts'
import { createTransport, publish, type PublisherDeps } from '../../activities/openlineage/index.ts'
import { manifestCache } from '../../activities/record/manifest-cache.ts'
import type { Warehouse } from '../../activities/warehouse/warehouse.ts'
import type { Scope } from '../contract/index.ts'
import { warehouseNaming } from '../openlineage/index.ts'
import { packageRoot } from '../process/index.ts'
import type { Store } from '../store/index.ts'
import type { OpenLineageConfig } from './openlineage-settings.ts'

export interface BackgroundConfig {
  readonly scopes: readonly Scope[]
  readonly pythonEnv: string
  readonly warehouseUrl: string
  readonly openLineage?: OpenLineageConfig | null
  /** Where people open the page. */
  readonly publicUrl?: string | null
  /** What an EnvRef of an alert's target stands for. */
  readonly secret: (name: string) => string | undefined
  readonly onError: (error: unknown) => void
}

/** What goes on beside runs, and is of none: column lineage, events for OpenLineage, and alerts. Answers what stops it. */
export function startBackground(
  config: BackgroundConfig,
  store: Store,
  dialect: Warehouse['dialect'],
): () => Promise<void> {
  const stopped = new AbortController()
  const { signal } = stopped
  const pythonExecutable = join(config.pythonEnv, 'bin/python')
  const publisher = config.openLineage ? publisherDeps(config, config.openLineage, store) : null
  const telling = keepTellingLineage(
    {
      store,
      dialect,
      parse: (asked) => parseQueries(asked, { pythonExecutable, dialect, signal }),
      ...(publisher === null ? {} : { publish: (scope: Scope) => publish(publisher, scope, signal) }),
      onError: config.onError,
    },
    config.scopes,
    signal,
  )
  const { publicUrl = null, secret, onError } = config
  const runUrl =
    publicUrl === null ? null : (run: string) => `${publicUrl.replace(/\/$/, '')}/runs/${encodeURIComponent(run)}`
  const alerts = keepTelling({ store, secret, runUrl, onError }, config.scopes, signal)
  return async () => {
    stopped.abort()
    await Promise.all([telling, alerts])
  }
}

function publisherDeps(config: BackgroundConfig, openLineage: OpenLineageConfig, store: Store): PublisherDeps {
  const warehouse = warehouseNaming(config.warehouseUrl)
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }
  return {
    store,
    version,
    manifests: manifestCache(store.revisions),
    send: createTransport(openLineage.transport),
    naming: ({ environment }) => ({
      ...warehouse,
      jobNamespace: openLineage.namespace ?? `traitline/${environment}`,
      fixed: openLineage.namespace !== null,
    }),
  }
}
