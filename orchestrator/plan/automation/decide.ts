import {
  cronName,
  cronTriggers,
  type AssetKey,
  type AssetSpec,
  type AutomationNews,
  type AutomationReader,
  type CronTick,
  type Manifest,
} from '../../contract/index.ts'
import { buildGraph, downstreamClosure, upstreamClosure, type Graph } from '../../graph/index.ts'
import { evaluate, type Evaluated } from './evaluate.ts'
import { affectedBy, checksNamed, farthestReach } from './reach.ts'

/** A manifest ready to be evaluated. */
export interface AutomatedProject {
  readonly graph: Graph<AssetSpec>
  /** Checks that conditions name. */
  readonly checks: readonly string[]
  readonly reach: number
  readonly asOf: string | null
}

/** Null if nothing in it has a condition. */
export function automatedProject({ assets, asOf }: Manifest): AutomatedProject | null {
  const graph = buildGraph(assets)
  const reach = farthestReach(graph)
  if (reach === null) return null
  const conditions = assets.flatMap(({ automation }) => (automation === undefined ? [] : [automation]))
  return { graph, reach, asOf, checks: [...new Set(conditions.flatMap(checksNamed))] }
}

export interface Decided {
  readonly news: AutomationNews
  /** By cron: its latest time. */
  readonly ticks: Readonly<Record<string, string>>
  readonly decisions: readonly Evaluated[]
}

export interface DecideOptions {
  readonly revision: number
  readonly tick: CronTick | null
  /** Look at all that has a condition, not only at what may have changed since the last evaluation. */
  readonly everything?: boolean
}

/** Judges what may have changed since the last evaluation, by what the reader tells. Keeps nothing. */
export async function decideAutomation(
  project: AutomatedProject,
  reader: AutomationReader,
  { revision, tick, everything = false }: DecideOptions,
): Promise<Decided> {
  const news = await reader.news()
  const ticks = ticksAfter(news, tick)
  const all = everything || news.last?.revision !== revision
  const affected = all ? affectedBy(project.graph, project.graph.order) : affectedNow(project, news, tick)
  if (affected.size === 0) return { news, ticks, decisions: [] }
  const judge = (known: ReadonlySet<AssetKey>) => judgeAll(project, reader, { news, ticks, affected, known })
  const first = await judge(affected)
  // What is started draws others along, of which nothing has been read yet.
  const started = first.filter(({ outcome }) => outcome === 'requested').map(({ asset }) => asset)
  const drawn = downstreamClosure(project.graph, started)
  const isRead = [...drawn].every((key) => affected.has(key))
  return { news, ticks, decisions: isRead ? first : await judge(new Set([...affected, ...drawn])) }
}

function ticksAfter({ last }: AutomationNews, tick: CronTick | null): Readonly<Record<string, string>> {
  const ticks = last?.ticks ?? {}
  // What is made up for may come after a later time.
  return tick === null || (ticks[tick.cron] ?? '') >= tick.at ? ticks : { ...ticks, [tick.cron]: tick.at }
}

function affectedNow({ graph }: AutomatedProject, news: AutomationNews, tick: CronTick | null): Set<AssetKey> {
  const affected = affectedBy(graph, [...news.changed, ...news.due])
  if (tick !== null) for (const key of graph.order) if (mentions(graph.get(key), tick.cron)) affected.add(key)
  return affected
}

function mentions(spec: AssetSpec | undefined, cron: string): boolean {
  return spec?.automation !== undefined && cronTriggers(spec.automation).some((trigger) => cronName(trigger) === cron)
}

interface Sight {
  readonly news: AutomationNews
  readonly ticks: Readonly<Record<string, string>>
  readonly affected: ReadonlySet<AssetKey>
  /** Of these everything is read that their conditions look at. */
  readonly known: ReadonlySet<AssetKey>
}

async function judgeAll(
  { graph, checks, reach, asOf }: AutomatedProject,
  reader: AutomationReader,
  { news, ticks, affected, known }: Sight,
): Promise<Evaluated[]> {
  const facts = await reader.facts([...upstreamClosure(graph, known, reach)], checks)
  const memories = await reader.memories([...known])
  const earlierTicks = news.last?.ticks ?? {}
  const now = new Date(news.now)
  return evaluate({ graph, facts, memories, ticks, earlierTicks, sequence: news.sequence, now, asOf, affected })
}
