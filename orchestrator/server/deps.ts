import type { Backfills, Delivery, Launcher, Schedules } from '../launch/index.ts'
import type { Scope } from '../contract/index.ts'
import type { Store } from '../store/store.ts'
import type { LiveFeed } from './live.ts'
import type { ProjectReader } from './project-reader.ts'

/** What the server is made of; see `createServer`. */
export interface ServerOptions {
  readonly store: Store
  readonly launcher: Pick<
    Launcher,
    | 'startRun'
    | 'cancelRun'
    | 'setPoolLimit'
    | 'startChecks'
    | 'cancelChecks'
    | 'dryRunSync'
    | 'syncRejects'
    | 'sealRow'
    | 'previewSync'
  >
  /** Starts and steers backfills; without it there is no way to over HTTP. */
  readonly backfills?: Backfills
  readonly schedules: Schedules
  /** Has the conditions of a project looked at, after something was recorded here; it never fails. */
  readonly wake?: (scope: Scope) => Promise<void>
  /** How deliveries to webhooks are checked and passed on; left out, none is taken. */
  readonly webhooks?: {
    readonly secret: (name: string) => string | undefined
    readonly deliver: (scope: Scope, delivery: Delivery) => Promise<void>
  }
  /** Answers if Temporal does, and throws otherwise: a part of readiness. */
  readonly pingTemporal: () => Promise<void>
  /** How runs are started that are asked for here: on which warehouse, by its id, with how many steps at once. */
  readonly runs: { readonly warehouse: string; readonly concurrency: number }
  /** The scope of requests that name none; left out, the only one that has a revision. */
  readonly scope?: Scope
  /** Folder of the built page; left out, there is only the API. */
  readonly uiDir?: string
  /** With a token, every request has to bring it; without, the server answers only to loopback names. */
  readonly apiToken?: string
  /** A run's page in Temporal's own UI. */
  readonly workflowUrl?: (workflowId: string) => string
  /** What the local stand-in for Slack received, newest last: development only. */
  readonly messages?: () => Promise<readonly SlackMessage[]>
  /** The executed notebook of a step, as JSON; null if it is not here. */
  readonly notebooks?: (run: string, step: string) => Promise<string | null>
  /** "Now", for freshness: the machine's unless told. */
  readonly clock?: () => Date
  /** Told of every error that is not the caller's. */
  readonly onError?: (error: unknown) => void
}

export interface SlackMessage {
  readonly channel: string
  readonly text: string
  readonly ts: string
}

/** What every route gets. */
export interface RouteDeps extends ServerOptions {
  readonly projects: ProjectReader
  readonly live: LiveFeed
}
