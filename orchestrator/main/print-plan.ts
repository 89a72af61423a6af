import type {
  PlanPreview,
  PreviewAsset,
  PreviewPartitions,
  PreviewRead,
  PreviewStep,
  Prospect,
} from '../contract/index.ts'
import { rangesText } from '../plan/index.ts'
import { count, duration } from './output.ts'
import type { Paint, Terminal } from './terminal/terminal.ts'

const paints: Readonly<Record<Prospect, Paint>> = { certain: 'green', possible: 'cyan', blocked: 'red' }
const signs: Readonly<Record<Prospect, string>> = { certain: '+', possible: '?', blocked: '!' }

export interface PrintOptions {
  /** Every version that would be read, not only those that changed, and every reason. */
  readonly full: boolean
}

/** A plan for people: what runs, why, on which versions, and how long it may take. */
export function printPlan(terminal: Terminal, plan: PlanPreview, options: PrintOptions): void {
  const { line, paint } = terminal
  const of = plan.revision === null ? 'the working copy' : `revision ${plan.revision}`
  line(paint('bold', `${of} of ${plan.project} (${plan.environment}): ${plan.selection}`))
  if (plan.changes !== null) printChanges(terminal, plan.changes)
  for (const step of plan.steps) printStep(terminal, step, options)
  if (options.full) for (const key of plan.fresh) line(paint('dim', `= ${key}  fresh`))
  for (const text of summaryOf(plan)) line(text)
}

function printChanges({ line, paint }: Terminal, changes: NonNullable<PlanPreview['changes']>): void {
  const renamed = (changes.renamed ?? []).map(({ from, to }) => `${from} to ${to}, with its history`)
  const parts: readonly (readonly [string, Paint, readonly string[]])[] = [
    ['renamed', 'yellow', renamed],
    ['added', 'green', changes.added],
    ['removed', 'red', changes.removed],
    ['changed', 'yellow', changes.changed],
    ['described anew', 'dim', changes.described],
    ['settings', 'yellow', changes.settings],
  ]
  for (const [word, colour, items] of parts) {
    for (const item of items.slice(0, 20)) line(`  ${paint(colour, word)} ${item}`)
    if (items.length > 20) line(`  ${paint(colour, word)} ${items.length - 20} more`)
  }
  if (parts.every(([, , items]) => items.length === 0)) line('  nothing differs from what is deployed')
}

function printStep(terminal: Terminal, step: PreviewStep, options: PrintOptions): void {
  const [only, ...others] = step.assets
  const time = estimateText(step)
  if (only !== undefined && others.length === 0 && only.key === step.id) {
    return printAsset(terminal, only, '', time, options)
  }
  terminal.line(`${terminal.paint('bold', step.id)}  ${count(step.assets.length, 'model')}${time}`)
  for (const asset of step.assets) printAsset(terminal, asset, '  ', '', options)
}

function printAsset(
  terminal: Terminal,
  asset: PreviewAsset,
  indent: string,
  time: string,
  options: PrintOptions,
): void {
  const { line, paint } = terminal
  const [first, ...others] = asset.reasons
  const why =
    asset.blocked !== null
      ? `would not run: ${asset.blocked.text}`
      : `${first?.text ?? ''}${others.length > 0 && !options.full ? ` (and ${others.length} more)` : ''}`
  line(`${indent}${paint(paints[asset.prospect], `${signs[asset.prospect]} ${asset.key}`)}  ${why}${time}`)
  const inner = `${indent}    `
  if (asset.partitions !== undefined) for (const text of partitionLines(asset.partitions)) line(`${inner}${text}`)
  if (options.full) for (const { text } of others) line(`${inner}${text}`)
  for (const read of asset.reads) {
    if (options.full || read.state === 'changed') line(`${inner}${paint('dim', readText(read))}`)
  }
  for (const { field, lines } of asset.code?.fields ?? []) {
    line(`${inner}${field}`)
    for (const text of lines)
      line(`${inner}  ${paint(text.startsWith('+') ? 'green' : text.startsWith('-') ? 'red' : 'dim', text)}`)
  }
  if (asset.code?.fields.length === 0) {
    line(
      `${inner}its definition is as in revision ${asset.code.sinceRevision}: a file or what it is compiled with changed`,
    )
  }
}

/** What there is, what of it would be made, and what would not: counts, however many there are. */
function partitionLines({ total, missing, failed, failing, ...of }: PreviewPartitions): string[] {
  const words = (parts: readonly (readonly [number, string])[]): string =>
    parts
      .filter(([number]) => number > 0)
      .map(([number, text]) => `${number.toLocaleString('en-US')} ${text}`)
      .join(', ')
  const all = words([
    [missing, 'missing'],
    [failed, 'failed'],
    [failing, 'with failed checks'],
  ])
  const asked = words([
    [of.certain, 'to make'],
    [of.possible, 'if what they read comes out changed'],
    [of.blocked, 'held up'],
    [of.fresh, 'fresh'],
  ])
  return [
    `${of.selected.toLocaleString('en-US')} of ${count(total, 'partition')}: ${asked}${all === '' ? '' : ` (of all: ${all})`}`,
    ...of.obstacles.map(({ text, partitions }) => `held up: ${text}: ${rangesText(partitions)}`),
  ]
}

function readText({ asset, revision, dataVersion, readBefore, state }: PreviewRead): string {
  const version = dataVersion === null ? 'no version' : shortVersion(dataVersion)
  const by = revision === null ? '' : ` of revision ${revision}`
  const words = {
    same: ', as the last time',
    changed: readBefore === null ? ', never read before' : `, ${shortVersion(readBefore)} the last time`,
    may_change: ', or what comes out of this run',
    missing: '',
  }
  return `reads ${asset} ${version}${by}${words[state]}`
}

/** Enough of a fingerprint to tell it from others. */
function shortVersion(version: string): string {
  const [name = '', rest] = version.split(':', 2)
  return rest === undefined ? name.slice(0, 12) : `${name}:${rest.slice(0, 10)}`
}

function estimateText({ estimate }: PreviewStep): string {
  if (estimate.ms === null) return ''
  return estimate.from === 'history' ? `  ~${duration(estimate.ms)}` : `  ~${duration(estimate.ms)}?`
}

function summaryOf({ counts, estimate }: PlanPreview): string[] {
  const { certain, possible, blocked, fresh } = counts
  const parts = [
    certain + possible === 0 ? '' : `${count(certain, 'asset')} to run`,
    possible === 0 ? '' : `${possible} if what they read comes out changed`,
    blocked === 0 ? '' : `${blocked} held up`,
    `${fresh} fresh`,
  ].filter((part) => part !== '')
  if (certain + possible === 0) return [parts.join(', ')]
  const { mostMs, leastMs, unknownSteps, criticalPath } = estimate
  const unknown = unknownSteps === 0 ? '' : `; ${count(unknownSteps, 'step')} never measured`
  const spread =
    Math.round(leastMs) < Math.round(mostMs) ? `${duration(leastMs)} to ${duration(mostMs)}` : duration(mostMs)
  const path = criticalPath.length > 6 ? [...criticalPath.slice(0, 3), '…', ...criticalPath.slice(-2)] : criticalPath
  const time = mostMs === 0 ? 'nothing was measured yet' : `about ${spread}${unknown}`
  return [parts.join(', '), mostMs === 0 ? time : `${time}; longest path: ${path.join(' > ')}`]
}
